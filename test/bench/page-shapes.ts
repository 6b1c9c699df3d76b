/**
 * Pages of every shape that made a parser's memory grow, each of about the size asked for: prose, one endless line, one endless
 * attribute, what decodes to something longer, what takes an encoding other than UTF-8. For `page-memory.ts`.
 */
import { createHash, randomBytes } from 'node:crypto';

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

/** `size` bytes of which each is one of `bytes`, in no order. */
function mixed(start: string, bytes: Buffer | string) {
  const choice = Buffer.from(bytes as string, 'latin1');
  return (size: number): Buffer => {
    const drawn = randomBytes(Math.max(0, size - start.length));
    for (let n = 0; n < drawn.length; n++) drawn[n] = choice[drawn[n]! % choice.length]!;
    return Buffer.concat([Buffer.from(start, 'latin1'), drawn]);
  };
}

/** Bytes from `first` to `last`, as Latin-1. */
function range(first: number, last: number): string {
  return Buffer.from(Array.from({ length: last - first + 1 }, (_, n) => first + n)).toString('latin1');
}

/** Hexadecimal digits that do not repeat. */
function digits(n: number): string {
  return createHash('sha256').update(String(n)).digest('hex');
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
  // Text that does not shrink: body and text both stay whole.
  html('random words', mixed('<p>', 'abcdefghijklmnopqrstuvwxyz ')),
  html('random letters', mixed('<p>', range(33, 126).replace(/[<>&]/g, ''))),
  html('random words as text', mixed('', 'abcdefghijklmnopqrstuvwxyz '), 'text/plain'),
  html('random high bytes as UTF-8', mixed('<p>', range(0x80, 0xff))),
  html('random bytes as UTF-8', (size) => randomBytes(size)),
  html('random bytes as text', (size) => randomBytes(size), 'text/plain'),
  html('random bytes as xml', (size) => randomBytes(size), 'text/xml'),
  html('random bytes as json', (size) => randomBytes(size), 'application/json'),
  ...['utf-16le', 'gb18030', 'shift_jis', 'euc-kr', 'big5', 'iso-2022-jp', 'windows-1252', 'koi8-r'].map((charset) =>
    html(`random bytes as ${charset}`, (size) => randomBytes(size), `text/html; charset=${charset}`),
  ),
  html('broken GB18030', filled('<p>', '\x81\xff', '', 'latin1'), 'text/html; charset=gb18030'),
  html('broken UTF-16', filled('\ufeff<p>', '\ud800', '', 'utf16le')),
  html('NUL in UTF-16', filled('\ufeff<p>', '\0', '', 'utf16le')),
  html('NUL as text', filled('', 'a\0', ''), 'text/plain'),
  html('overlong UTF-8', filled('<p>', '\xf0\x80\x80\x80', '', 'latin1')),
  // What does not end is read in one window, three times as long as it came.
  html('an attribute of broken UTF-8', filled('<p title="', '\xff', '', 'latin1')),
  html('an href of broken UTF-8', filled('<a href="', '\xff', '', 'latin1')),
  html('an attribute of NUL', filled('<p title="', '\0', '')),
  html('a title of NUL', filled('<title>', '\0', '</title>')),
  html('an attribute of euro signs', filled('<p title="', '\x80', '', 'latin1'), 'text/html; charset=windows-1252'),
  html('an attribute of broken GB18030', filled('<p title="', '\x81\xff', '', 'latin1'), 'text/html; charset=gb18030'),
  html('a comment of random bytes', (size) => Buffer.concat([Buffer.from('<!--'), randomBytes(size - 4)])),
  html('an attribute of random letters', mixed('<p title="', range(35, 126))),
  html(
    'attributes of 300 KB',
    counted('\xff', (n) => `<p title="${'a'.repeat(300_000)}${n}">x`),
  ),
  // Much of everything at once.
  html('title, description, heading', (size) => {
    const part = PROSE.repeat(Math.floor(size / 3 / PROSE.length) - 1);
    return Buffer.from(`<title>${part}</title><meta name=description content="${part}"><h1>${part}</h1>`);
  }),
  html(
    'descriptions',
    counted('', () => `<meta name=description content="${'&amp;'.repeat(3_000)}">`),
  ),
  html(
    'empty descriptions',
    counted('', () => `<meta name=description content="${' '.repeat(16_000)}">`),
  ),
  html('text between tags', filled('', 'a<b>', '')),
  html('words between tags', filled('', '<p>a', '')),
  html('text in links', filled('', '<a href=x>a', '')),
  html('nested elements with text', filled('', '<div>word ', '')),
  html('nested svg', filled('', '<svg><title>', '')),
  html('CDATA sections', filled('', '<![CDATA[a]]>', ''), 'application/xhtml+xml'),
  html('numeric references', filled('<p>', '&#19968;', '')),
  html('unended numeric references', filled('<p>', '&#19968', '')),
  html('a long numeric reference', filled('<p>&#', '0', '65;')),
  html('one reference name', filled('<p>&', 'a', '')),
  html(
    'distinct references',
    counted('<p>', (n) => `&${n.toString(36)}`),
  ),
  html(
    'distinct long references',
    counted('<p>', (n) => `&thetasymx${n.toString(36)};`),
  ),
  html('references that widen', filled('<p>', '&Gt;', '')),
  // Links up to their bounds, beside as much text as may be.
  html(
    'links without anchors',
    counted('', (n) => `<a href=${n}>`),
  ),
  html(
    'links with entities',
    counted(
      '',
      (n) => `<a href="/${n}/${'&amp;'.repeat(90)}" rel="${'nofollow '.repeat(9)}" title="${'&lt;'.repeat(50)}">x</a>`,
    ),
  ),
  html(
    'links with long Han anchors',
    counted('', (n) => `<a href="/${n}">${HAN.repeat(13)}</a>`),
  ),
  html(
    'links with random anchors',
    counted(
      '',
      (n) => `<a href="/${n}">${digits(n)}${digits(-n)}${digits(n / 2)}${digits(n / 4)}</a>${digits(n / 8).repeat(8)} `,
    ),
  ),
  html('links with broken anchors', (size) =>
    Buffer.from(counted('', (n) => `<a href="/${n}">${'\xff'.repeat(160)}</a>`)(size * 0.9).toString(), 'latin1'),
  ),
  html(
    'quotes in anchors',
    counted('', (n) => `<a href="/${n}">${'"\\'.repeat(100)}</a>${PROSE.repeat(9)}`),
  ),
  html(
    'control characters in anchors',
    counted('', (n) => `<a href="/${n}">${'\x01'.repeat(200)}</a>${PROSE.repeat(9)}`),
  ),
  html(
    'Han hrefs',
    counted('', (n) => `<a href="/${n}${HAN.repeat(5)}">${HAN.repeat(13)}</a>`),
  ),
  html(
    'random hrefs',
    counted('', (n) => `<a href="/${digits(n)}${digits(-n)}">${digits(n / 2)}</a>`),
  ),
  html(
    'rels',
    counted('', (n) => `<a href="/${n}" rel="${digits(n)}${digits(-n)}">x</a>`),
  ),
  html(
    'hrefs with long fragments',
    counted('', (n) => `<a href="/${n}#${'f'.repeat(900)}">x</a>`),
  ),
  html(
    'long rels',
    counted('', (n) => `<a href="/${n}" rel="${'r'.repeat(900)}">x</a>`),
  ),
  html(
    'anchors of text without end',
    counted('', (n) => `<a href="/${n}">${digits(n)}${'y'.repeat(900)}`),
  ),
];
