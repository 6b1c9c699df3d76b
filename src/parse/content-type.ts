/**
 * What kind of content a body is: the header first, the first bytes where the header says nothing
 * (WHATWG MIME Sniffing §7.1 "identifying a resource with an unknown MIME type", without its audio and video part).
 *
 * In: raw Content-Type and decoded bytes. Out: lower-case type, charset label, and how the parser treats it.
 */

export interface ContentType {
  /** Type without parameters, lower case: the header's, else the sniffed one; `null` for an empty body without header. */
  readonly essence: string | null;
  /** `charset` parameter as given, unquoted. */
  readonly charsetLabel: string | null;
  /** `html` gets the whole treatment, `text` is words and text, `other` is not parsed. */
  readonly kind: 'html' | 'text' | 'other';
  /** XHTML closes elements by `/>`. */
  readonly xhtml: boolean;
}

const TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/;
const CHARSET = /;[\t ]*charset[\t ]*=[\t ]*(?:"([^"]*)(?:"|$)|'([^']*)'|([^;,\s"']+))/i;
/** Quoted values (RFC 9110 §5.6.4), ended or not; that of a charset is the first group. */
const QUOTED = /([\t ;]charset[\t ]*=[\t ]*"[^"]*(?:"|$))|"(?:[^"\\]|\\.)*"?/gi;
/** The values of several fields, which are joined by commas; one in quotes separates nothing. */
const VALUES = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+/g;
const LONGEST_HEADER = 1000;

/** Types that say "I do not know" (MIME Sniffing §7, step 1). */
const UNKNOWN = new Set(['unknown/unknown', 'application/unknown', '*/*']);
const PLAIN_TEXT = new Set(['text/plain', 'text/markdown', 'text/csv']);

/** Start tags that make an unlabelled body HTML (§7.1, first table); a tag must end there or have a space after its name. */
const HTML_START =
  /^[\t\n\f\r ]*<(?:!--|(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >\t\n\f\r])/i;
const XML_START = /^[\t\n\f\r ]*<\?xml/;

/** §7.1 tables two and three, as Latin-1. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['%PDF-', 'application/pdf'],
  ['%!PS-Adobe-', 'application/postscript'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['BM', 'image/bmp'],
  ['\x1f\x8b\x08', 'application/gzip'],
  ['PK\x03\x04', 'application/zip'],
];

/** §7.1 last steps: a "binary data byte" (§3) among the first bytes. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;
const SNIFFED_BYTES = 1445;

/** Servers send the same few values for every page: they are parsed once. Bounded, the web may send anything. */
const known = new Map<string, Pick<ContentType, 'essence' | 'charsetLabel'>>();
const MOST_KNOWN = 256;

/** Judges a body. `bytes` are looked at only where the header is missing, unusable or says that it does not know. */
export function contentTypeOf(header: string | null, bytes: Uint8Array): ContentType {
  const { essence, charsetLabel } = header === null ? NOTHING : parseHeader(header);
  return classify(essence ?? sniff(bytes), charsetLabel);
}

const NOTHING = { essence: null, charsetLabel: null };

function parseHeader(header: string): Pick<ContentType, 'essence' | 'charsetLabel'> {
  const cached = known.get(header);
  if (cached !== undefined) return cached;
  let parsed: Pick<ContentType, 'essence' | 'charsetLabel'> = NOTHING;
  for (const value of header.slice(0, LONGEST_HEADER).match(VALUES) ?? []) {
    const next = parseValue(value);
    // Of several the last one counts, and what it does not say again still holds (Fetch standard, "extract a MIME type").
    if (next.essence === null && parsed.essence !== null) continue;
    const before = next.essence === parsed.essence ? parsed.charsetLabel : null;
    parsed = { essence: next.essence, charsetLabel: next.charsetLabel ?? before };
  }
  if (known.size < MOST_KNOWN) known.set(header, parsed);
  return parsed;
}

function parseValue(value: string): Pick<ContentType, 'essence' | 'charsetLabel'> {
  const essence = value.split(';', 1)[0]!.trim().toLowerCase();
  // A semicolon in another parameter's value begins no parameter.
  const charset = CHARSET.exec(value.replaceAll(QUOTED, '$1'));
  return {
    essence: TYPE.test(essence) && !UNKNOWN.has(essence) ? essence : null,
    charsetLabel: charset?.[1] ?? charset?.[2] ?? charset?.[3] ?? null,
  };
}

function classify(essence: string | null, charsetLabel: string | null): ContentType {
  const xhtml = essence === 'application/xhtml+xml';
  const html = xhtml || essence === 'text/html';
  const kind = html ? 'html' : essence !== null && PLAIN_TEXT.has(essence) ? 'text' : 'other';
  return { essence, charsetLabel, kind, xhtml };
}

function sniff(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return null;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SNIFFED_BYTES)).toString('latin1');
  const text = start.replace(/^\xef\xbb\xbf/, '');
  if (HTML_START.test(text)) return 'text/html';
  if (XML_START.test(text)) return 'text/xml';
  const magic = MAGIC.find(([prefix]) => start.startsWith(prefix));
  if (magic !== undefined) return magic[1];
  if (start.startsWith('RIFF') && start.startsWith('WEBPVP', 8)) return 'image/webp';
  const utf16 = start.startsWith('\xfe\xff') || start.startsWith('\xff\xfe');
  return utf16 || !BINARY.test(text) ? 'text/plain' : 'application/octet-stream';
}
