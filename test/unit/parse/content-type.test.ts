import { describe, expect, it } from 'vitest';
import { contentTypeOf } from '../../../src/parse/content-type.ts';
import { cpuTimeOf } from '../../support/cpu-time.ts';

const none = Buffer.alloc(0);

describe('contentTypeOf', () => {
  it.each([
    ['text/html; charset=utf-8', 'text/html', 'utf-8', 'html'],
    ['TEXT/HTML;CHARSET="ISO-8859-2"', 'text/html', 'ISO-8859-2', 'html'],
    ["text/html; charset='koi8-r'", 'text/html', 'koi8-r', 'html'],
    ['text/html; boundary=x; charset = utf-8 ; a=b', 'text/html', 'utf-8', 'html'],
    ['text/html; title="a; charset=utf-8"; charset=gbk', 'text/html', 'gbk', 'html'],
    ['text/html; title="a \\"; charset=utf-8"', 'text/html', null, 'html'],
    ['text/html; charset="koi8-r', 'text/html', 'koi8-r', 'html'],
    ['text/html; title="; charset=utf-8', 'text/html', null, 'html'],
    ['text/html, text/html; charset=big5', 'text/html', 'big5', 'html'],
    ['text/plain, text/html', 'text/html', null, 'html'],
    ['text/html; charset=big5, text/html', 'text/html', 'big5', 'html'],
    ['text/plain; charset=big5, text/html', 'text/html', null, 'html'],
    ['text/html; charset=big5, nonsense', 'text/html', 'big5', 'html'],
    ['text/html; charset=big5, */*', 'text/html', 'big5', 'html'],
    ['text/html; title="x, text/plain"', 'text/html', null, 'html'],
    ['application/xhtml+xml', 'application/xhtml+xml', null, 'html'],
    ['text/plain', 'text/plain', null, 'text'],
    ['application/json', 'application/json', null, 'other'],
    ['text/css', 'text/css', null, 'other'],
  ])('reads %s', (header, essence, charsetLabel, kind) => {
    expect(contentTypeOf(header, Buffer.from('<html>'))).toMatchObject({ essence, charsetLabel, kind });
  });

  it('believes the header, not the content', () => {
    expect(contentTypeOf('image/png', Buffer.from('<!doctype html><p>')).kind).toBe('other');
    expect(contentTypeOf('text/html', Buffer.from('%PDF-1.7')).kind).toBe('html');
  });

  it.each([
    ['  \n<!DOCTYPE html>', 'text/html'],
    ['\ufeff<HTML >', 'text/html'],
    ['<p>x', 'text/html'],
    ['<!-- c -->', 'text/html'],
    ['<pre>x', 'text/plain'],
    ['<?xml version="1.0"?>', 'text/xml'],
    ['%PDF-1.7', 'application/pdf'],
    ['hello', 'text/plain'],
    ['a\0b', 'application/octet-stream'],
  ])('sniffs %j without a header', (content, essence) => {
    for (const header of [null, '', 'garbage', '*/*', 'unknown/unknown']) {
      expect(contentTypeOf(header, Buffer.from(content)).essence).toBe(essence);
    }
  });

  it('has nothing to say about an empty body without header', () => {
    expect(contentTypeOf(null, none)).toEqual({ essence: null, charsetLabel: null, kind: 'other', xhtml: false });
  });

  it('is not slowed down by a hostile header', () => {
    const hostile = `text/html;${'charset'.repeat(200_000)}${' '.repeat(200_000)}`;
    expect(cpuTimeOf(() => contentTypeOf(hostile, none))).toBeLessThan(500);
  });
});
