import { describe, expect, test } from 'vitest';

import { DEFAULT_TEMPLATE, NameTemplate } from '../../../src/export/name-template.ts';
import { PageFields } from '../../../src/export/page-fields.ts';
import { safePart } from '../../../src/export/safe-name.ts';
import { TakenNames } from '../../../src/export/taken-names.ts';
import type { StoredPage } from '../../../src/model/stored-page.ts';

function page(url: string, more: Partial<StoredPage> = {}): StoredPage {
  return {
    urlId: 7,
    url,
    state: 'done',
    status: 200,
    contentType: 'text/html; charset=utf-8',
    title: 'A title',
    bodyId: 1,
    sha256: 'ab'.repeat(32),
    fetchedAt: 0,
    columns: null,
    ...more,
  };
}

function nameOf(template: string, of: StoredPage): string {
  const fields = new PageFields(of, template !== DEFAULT_TEMPLATE);
  return new NameTemplate(template).fill((field) => fields.parts(field) ?? ['none']).join('/');
}

describe('the default name', () => {
  test.each([
    ['https://a.test/', 'a.test/index.html'],
    ['https://a.test/docs/', 'a.test/docs/index.html'],
    ['https://a.test/docs', 'a.test/docs.html'],
    ['https://a.test/docs/a.htm', 'a.test/docs/a.htm'],
    ['https://a.test/list?page=2', 'a.test/list_page=2.html'],
    ['https://a.test/list.php?page=2&q=a/b', 'a.test/list_page=2&q=a_b.php'],
    ['https://a.test/v1.2', 'a.test/v1.2.html'],
    ['https://a.test//a//b', 'a.test/a/b.html'],
    ['https://a.test/caf%C3%A9/%FF', 'a.test/café/%FF.html'],
    ['https://a.test/%2e%2e%2f%2e%2e%2fetc/passwd', 'a.test/.._.._etc/passwd.html'],
    ['https://a.test/%00/CON', 'a.test/_/_CON.html'],
    ['http://[::1]:8080/x', '[__1]/x.html'],
  ])('of %s is %s', (url, name) => {
    expect(nameOf(DEFAULT_TEMPLATE, page(url))).toBe(name);
  });

  test('takes its extension from the content type, and no column of the list', () => {
    const json = page('https://a.test/api', { contentType: 'application/json', columns: '{"path":"mine","host":"h"}' });
    expect(nameOf(DEFAULT_TEMPLATE, json)).toBe('a.test/api.json');
    expect(nameOf(DEFAULT_TEMPLATE, page('https://a.test/api', { contentType: null }))).toBe('a.test/api.bin');
  });

  test('leaves out the deepest folders of a path that no system takes', () => {
    const name = nameOf(DEFAULT_TEMPLATE, page(`https://a.test/${'deep/'.repeat(1_000)}end`));
    expect(name).toMatch(/^a\.test\/deep\/.*\/end\.html$/);
    expect(name.length).toBeLessThan(820);
  });
});

describe('a template', () => {
  test.each([
    ['{name}.html', '{"name":"google","n":"1"}', 'google.html'],
    ['{name}.html', '{"name":"../../etc/passwd"}', '.._.._etc_passwd.html'],
    ['{n}-{id}.{ext}', '{"n":17}', '17-7.html'],
    ['{id}', '{"id":"X-9"}', 'X-9'],
    ['by/{sha256}.{ext}', null, `by/${'ab'.repeat(32)}.html`],
    ['{title}', null, 'A title'],
    ['{name}', '{"name":" "}', 'none'],
    ['{name}', '{"name":null}', 'none'],
    ['{toString}', '{"name":"x"}', 'none'],
  ])('%s with %s gives %s', (template, columns, name) => {
    expect(nameOf(template, page('https://a.test/', { columns }))).toBe(name);
  });

  test.each([
    ['', 'must end in a file'],
    ['{name}/', 'must end in a file'],
    ['/tmp/{name}', 'must be relative'],
    ['../{name}', 'must stay in'],
    ['a/../{name}', 'must stay in'],
    ['{name', 'has a { without its pair'],
    ['a}', 'has a } without its pair'],
  ])('"%s" is refused: it %s', (template, problem) => {
    expect(() => new NameTemplate(template)).toThrow(problem);
  });
});

test.each([
  ['..', '_'],
  ['con', '_con'],
  ['NUL.tar.gz', '_NUL.tar.gz'],
  ['com¹', '_com¹'],
  ['CONSOLE', 'CONSOLE'],
  ['a. .', 'a'],
  [`${'€'.repeat(100)}.html`, `${'€'.repeat(65)}.html`],
  [`CON${' '.repeat(300)}x`, '_CON'],
])('%j becomes %j', (raw, safe) => {
  expect(safePart(raw)).toBe(safe);
});

test('a file in the way of a folder leaves it another name, for all its pages', () => {
  const names = new TakenNames();
  const got = [['a'], ['a', 'b'], ['A', 'c'], ['a', 'B']].map((parts) => names.take(parts).join('/'));
  names.close();
  expect(got).toEqual(['a', 'a (2)/b', 'a (2)/c', 'a (2)/B (2)']);
});
