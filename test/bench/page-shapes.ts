/**
 * Pages of every shape that made a parser's memory grow, each of about the size asked for: prose, one endless line, one endless
 * attribute, what decodes to something longer, what takes an encoding other than UTF-8. For `page-memory.ts`.
 */
import { randomBytes } from 'node:crypto';

export interface PageShape {
  readonly name: string;
  readonly type: string;
  /** `size` bytes, or a few less. */
  readonly make: (size: number) => Buffer;
}

const HTML = 'text/html; charset=utf-8';
const PROSE = 'The river carries what the weir lets pass, and no more than that. ';
const HAN = '水流千里归大海，堰坝一横分两边。';

/** `text` over and over between `start` and `end`. */
function filled(start: string, text: string, end: string, encoding: BufferEncoding = 'utf8') {
  return (size: number): Buffer => {
    const unit = Buffer.from(text, encoding);
    const [head, tail] = [Buffer.from(start, encoding), Buffer.from(end, encoding)];
    const times = Math.max(0, Math.floor((size - head.length - tail.length) / unit.length));
    return Buffer.concat([head, Buffer.alloc(times * unit.length, unit), tail]);
  };
}

/** `piece(0)`, `piece(1)` … until the page is full. */
function counted(start: string, piece: (n: number) => string) {
  return (size: number): Buffer => {
    const parts = [start];
    for (let n = 0, length = start.length; ; n++) {
      const next = piece(n);
      length += Buffer.byteLength(next);
      if (length > size) return Buffer.from(parts.join(''));
      parts.push(next);
    }
  };
}

function html(name: string, make: PageShape['make'], type: string = HTML): PageShape {
  return { name, type, make };
}

export const PAGE_SHAPES: readonly PageShape[] = [
  html(
    'prose',
    counted('<title>t</title>', (n) => `<p>${n} ${PROSE}<a href="/page/${n % 500}">next</a></p>\n`),
  ),
  html('one line', filled('<p>', PROSE, '')),
  html('one word', filled('<p>', 'a', '')),
  html('white space', filled('<p>', ' ', '')),
  html('plain text', filled('', PROSE, ''), 'text/plain; charset=utf-8'),
  html('plain text, undeclared', filled('', PROSE, ''), 'text/plain'),
  html(
    'json',
    counted('[0', (n) => `,{"id":${n},"text":"${PROSE}"}`),
    'application/json',
  ),
  html('random bytes', (size) => randomBytes(size), 'application/octet-stream'),
  html('random bytes as html', (size) => randomBytes(size), 'text/html'),
  html('NUL', filled('<p>', '\0', '')),
  html('NUL every other byte', filled('<p>', 'a\0', '')),
  html('invalid UTF-8', filled('<p>', '\xff', '', 'latin1')),
  html('invalid UTF-8 at the end', filled('<p>', PROSE, '\xff', 'latin1')),
  html('UTF-8 Han', filled('<p>', HAN, '')),
  html('UTF-16 Han', filled('\ufeff<p>', HAN, '', 'utf16le')),
  html('UTF-16 Latin', filled('\ufeff<p>', PROSE, '', 'utf16le')),
  html('GB18030 Han', filled('<p>', '\xcb\xae\xc1\xf7\xc7\xa7', '', 'latin1'), 'text/html; charset=gb18030'),
  html('Shift_JIS kana', filled('<p>', '\xb1\xb2\xb3\xb4', '', 'latin1'), 'text/html; charset=shift_jis'),
  html('windows-1252', filled('<p>', 'Gr\xfc\xdfe ', '', 'latin1'), 'text/html; charset=windows-1252'),
  html('windows-1252, undeclared', filled('<p>', 'Gr\xfc\xdfe ', '', 'latin1'), 'text/html'),
  html('euro signs in windows-1252', filled('<p>', '\x80', '', 'latin1'), 'text/html; charset=windows-1252'),
  html('entities', filled('<p>', '&amp;', '')),
  html('short entities', filled('<p>', '&lt', '')),
  html('entities in Han', filled('<p>', '水&gt;', '')),
  html('ampersands', filled('<p>', '&', '')),
  html('entities in an href', filled('<a href="/', '&amp;', '">x</a>')),
  html('one href', filled('<a href="/', 'a', '">x</a>')),
  html('one href with a base', filled('<base href="/', 'a', '"><a href="x">x</a>')),
  html('one attribute nobody reads', filled('<p title="', PROSE, '">x')),
  html('one attribute name', filled('<a ', 'a', '>x')),
  html(
    'many attributes',
    counted('<a', (n) => ` a${n}=${n}`),
  ),
  html('one description', filled('<meta name=description content="', PROSE, '">')),
  html('one rel', filled('<a href=/ rel="', PROSE, '">x</a>')),
  html('one comment', filled('<!--', PROSE, '-->')),
  html('one script', filled('<script>', PROSE, '</script>')),
  html('one title', filled('<title>', PROSE, '</title>')),
  html('one heading', filled('<h1>', PROSE, '</h1>')),
  html('one anchor', filled('<a href=/>', PROSE, '</a>')),
  html(
    'links',
    counted('', (n) => `<a href=/${n}>x</a>`),
  ),
  html(
    'links of 900 characters',
    counted('', (n) => `<a href="/${n}/${'a'.repeat(900)}">x</a>`),
  ),
  html(
    'links with long anchors',
    counted('', (n) => `<a href="/${n}">${PROSE.repeat(12)}</a>`),
  ),
  html(
    'Han links',
    counted('', (n) => `<a href="/${n}/${HAN.repeat(9)}">${HAN.repeat(3)}</a>`),
  ),
  html(
    'formatting elements',
    counted('', (n) => `<b><i><font size=${n}><a href=${n}>`),
  ),
  html('nested elements', filled('', '<div>', '')),
  html('<', filled('', '<', '')),
];
