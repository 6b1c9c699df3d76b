/** Crawlee: HttpCrawler to download and store, CheerioCrawler to extract. Its queue is kept in memory, its log is quiet. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connections, extracting, extractsFile, fileOf, importPeer, urls } from './arguments.mjs';
import { extract } from './extract.mjs';

const { CheerioCrawler, Configuration, HttpCrawler, LogLevel, RequestList, log } = await importPeer('@crawlee/cheerio');
log.setLevel(LogLevel.ERROR);

const requests = urls.map((url, number) => ({ url, uniqueKey: String(number), userData: { number } }));
const extracts = extracting ? createWriteStream(extractsFile) : undefined;
const Crawler = extracting ? CheerioCrawler : HttpCrawler;
const crawler = new Crawler(
  {
    requestList: await RequestList.open(null, requests),
    minConcurrency: connections,
    maxConcurrency: connections,
    requestHandler: async ({ body, request, $ }) => {
      await writeFile(fileOf(request.userData.number), body);
      extracts?.write(`${JSON.stringify(extract($, request.url))}\n`);
    },
  },
  new Configuration({ persistStorage: false }),
);
await crawler.run();
extracts?.end();
