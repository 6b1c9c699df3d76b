/** node-crawler (npm `crawler`): a queue of URLs, one callback a page. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connections, extracting, extractsFile, fileOf, importPeer, urls } from './arguments.mjs';
import { extract } from './extract.mjs';

const { default: Crawler } = await importPeer('crawler');
const extracts = extracting ? createWriteStream(extractsFile) : undefined;

const crawler = new Crawler({
  maxConnections: connections,
  jQuery: extracting,
  silence: true,
  callback: async (error, response, done) => {
    if (error) console.error(`${error}`);
    else {
      const { number, url } = response.options.userParams;
      await writeFile(fileOf(number), response.rawBody);
      extracts?.write(`${JSON.stringify(extract(response.$, url))}\n`);
    }
    done();
  },
});
crawler.on('drain', () => extracts?.end());
crawler.add(urls.map((url, number) => ({ url, userParams: { number, url } })));
