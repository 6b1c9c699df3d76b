import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { brief, briefly, linesOf, listFile, openOne, problemsOf } from './support.ts';

async function columnsOf(content: string, name: string, urlColumn: string | number | null = null): Promise<unknown[]> {
  const lines = await linesOf(await openOne({ urls: [await listFile(content, name)], urlColumn }));
  return lines.map((item) => (item.kind === 'blank' || item.columns === null ? null : JSON.parse(item.columns)));
}

test('the URLs of a CSV list are found by header and the other columns are kept', async () => {
  const producer = await openOne({
    urls: [await listFile('id,URL,title\n1,http://a.test/,"A, ""first"""\n2,b.test,\n', 'l.csv')],
  });
  expect(producer.keepsColumns).toBe(true);
  expect(await linesOf(producer)).toEqual([
    { kind: 'blank', line: 1 },
    {
      kind: 'url',
      line: 2,
      url: 'http://a.test/',
      host: 'a.test',
      bareHost: false,
      columns: '{"id":"1","title":"A, \\"first\\""}',
    },
    { kind: 'url', line: 3, url: 'https://b.test/', host: 'b.test', bareHost: true, columns: '{"id":"2","title":""}' },
  ]);
});

test.each([
  ['a header named link', 'id,link\n1,http://a.test/\n', 'l.csv'],
  ['a header that ends in url', 'page.id,page.url\n1,http://a.test/\n', 'l.csv'],
  ['the first column that holds URLs', 'no,where\n1,http://a.test/\n', 'l.csv'],
  ['semicolons', 'id;url\n1;http://a.test/\n', 'l.csv'],
  ['tabs in a .csv', 'id\turl\n1\thttp://a.test/\n', 'l.csv'],
  ['TSV', 'id\turl\n1,5\thttp://a.test/\n', 'l.tsv'],
  ['a comment before the header', '# made by hand, today\nid,url\n1,http://a.test/\n', 'l.csv'],
  ['a header that starts with #', '#,url\n1,http://a.test/\n', 'l.csv'],
  ['a BOM and CRLF', '\ufeffid,url\r\n1,http://a.test/\r\n', 'l.csv'],
])('URLs are found with %s', async (_name, content, file) => {
  expect((await briefly(content, file)).filter(Boolean)).toEqual(['http://a.test/']);
  expect((await briefly(gzipSync(content), `${file}.gz`)).filter(Boolean)).toEqual(['http://a.test/']);
});

test('a list without header is read from its first line, its columns numbered', async () => {
  expect(await briefly('1,example.com\n2,http://b.test/\n', 'top.csv')).toEqual([
    'https://example.com/',
    'http://b.test/',
  ]);
  expect(await columnsOf('1,example.com,x\n2,b.test,y,z\n', 'top.csv')).toEqual([
    { column1: '1', column3: 'x' },
    { column1: '2', column3: 'y', column4: 'z' },
  ]);
});

test('the column can be named or numbered, with or without header', async () => {
  const twoLinks = 'url,target\nhttp://a.test/,http://b.test/\n';
  expect(await briefly(twoLinks, 'l.csv', 'target')).toEqual(['', 'http://b.test/']);
  expect(await briefly(twoLinks, 'l.csv', 'TARGET')).toEqual(['', 'http://b.test/']);
  expect(await briefly(twoLinks, 'l.csv', 2)).toEqual(['', 'http://b.test/']);
  expect(await briefly('http://a.test/,b.test\n', 'l.csv', 2)).toEqual(['https://b.test/']);
  expect(await briefly('http://a.test/,b.test\n', 'table.txt', 2)).toEqual(['https://b.test/']);
  expect(await briefly('http://a.test/\n', 'plain.txt', 'target')).toEqual(['http://a.test/']);
});

test('a record may span lines; items carry the line on which they start', async () => {
  const lines = await linesOf(
    await openOne({ urls: [await listFile('url,note\nhttp://a.test/,"one\n\ntwo"\nhttp://b.test/,x\n', 'l.csv')] }),
  );
  expect(brief(lines)).toEqual(['', 'http://a.test/', 'http://b.test/']);
  expect(lines.map((item) => item.line)).toEqual([1, 2, 5]);
  expect(lines[1]).toMatchObject({ columns: '{"note":"one\\n\\ntwo"}' });
});

test('a quote that never closes costs its own line only', async () => {
  const rest = Array.from(
    { length: 30_000 },
    (_, i) => `http://b.test/${i},some more text to pass the limit of a record\n`,
  ).join('');
  const result = await briefly(`url,note\nhttp://a.test/,"oops\n${rest}`, 'l.csv');
  expect(result.length).toBe(30_002);
  expect(result.slice(0, 3)).toEqual(['', '(unclosed-quote)', 'http://b.test/0']);
  expect(await briefly('url\nhttp://a.test/\n"http://b.test/\nhttp://c.test/', 'l.csv')).toEqual([
    '',
    'http://a.test/',
    '(unclosed-quote)',
    'http://c.test/',
  ]);
});

test('quotes inside a field are characters, text after a closing quote belongs to the field', async () => {
  expect(await columnsOf('url,a,b\nhttp://a.test/,5" x,"y"z\n', 'l.csv')).toEqual([null, { a: '5" x', b: 'yz' }]);
});

test('records without URL are rejected, empty ones are blank', async () => {
  expect(
    await briefly('id,url\n1,\n2\n\n3,nonsense\n4,http://u:pw@a.test/\n5,http://u%3Av:pw@a.test/\n', 'l.csv'),
  ).toEqual(['', '(no-url)', '(no-url)', '', '(bad-url)', 'http://a.test/', '(credentials)']);
});

test('awkward column names stay apart', async () => {
  expect(await columnsOf('url,a,a,,__proto__,1\nhttp://a.test/,p,q,r,s,t\n', 'l.csv')).toEqual([
    null,
    JSON.parse('{"a":"p","a_2":"q","column4":"r","__proto__":"s","1":"t"}'),
  ]);
});

test('JSON Lines: the URL is a field, the others are kept digit by digit', async () => {
  const content =
    '{"id":12345678901234567890,"url":"http://a.test/","tags":["x"]}\n\n[1]\n{"url":\n{"url":7}\n{"url":"b.test"}\n';
  const lines = await linesOf(await openOne({ urls: [await listFile(content, 'l.jsonl')] }));
  expect(brief(lines)).toEqual(['http://a.test/', '', '(not-an-object)', '(bad-json)', '(no-url)', 'https://b.test/']);
  expect(lines[0]).toMatchObject({ columns: '{"id":12345678901234567890,"tags":["x"]}' });
  expect(lines[5]).toMatchObject({ columns: null });
});

test('JSON Lines: the field is named by the user, by its name or by its content', async () => {
  expect(await briefly('{"a":"http://a.test/","b":"http://b.test/"}', 'l.ndjson', 'b')).toEqual(['http://b.test/']);
  expect(await briefly('{"id":1,"link":"http://a.test/"}', 'l.jsonl')).toEqual(['http://a.test/']);
  expect(await briefly('{"id":1,"x":"http://a.test/"}', 'l.jsonl')).toEqual(['http://a.test/']);
});

test('a password in a refused record is nowhere to be seen', async () => {
  for (const content of ['{"url":"ftp://u:hunter2@a.test/"}\n', '{"url":"http://u:hunter2@a.test/"\n']) {
    const lines = await linesOf(await openOne({ urls: [await listFile(content, 'l.jsonl')] }));
    expect(lines[0]?.kind).toBe('rejected');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  }
});

test.each([
  [
    'a name that is no column',
    'id,url\n1,http://a.test/\n',
    'l.csv',
    'href',
    'has no column "href"; its columns are: id, url',
  ],
  ['a name without header', '1,http://a.test/\n', 'l.csv', 'url', 'its first line is no header'],
  ['a number too high', 'id,url\n1,http://a.test/\n', 'l.csv', 3, 'has no column 3; its 2 columns are: id, url'],
  ['no URL anywhere', 'a,b\n1,2\n', 'l.csv', null, 'has no column that holds URLs; its columns are: a, b'],
  ['a header and nothing else', 'id,url\n', 'l.csv', null, 'holds no URL, only a header'],
  ['a field that is not there', '{"a":1}\n', 'l.jsonl', 'url', 'has no field "url"; its fields are: a'],
  ['a number for a field', '{"a":1}\n', 'l.jsonl', 1, 'has fields with names, not numbers'],
  ['no field with URLs', '{"a":1}\n', 'l.jsonl', null, 'has no field that holds URLs; its fields are: a'],
])('before the run starts it is said that there is %s', async (_name, content, file, urlColumn, problem) => {
  const path = await listFile(content, file);
  const problems = await problemsOf({ urls: [path], urlColumn });
  expect(problems).toEqual([expect.stringContaining(`${path} `)]);
  expect(problems[0]).toContain(problem);
});
