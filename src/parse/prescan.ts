/**
 * The encoding that a document declares in its first bytes (HTML standard §13.2.3.2, "prescan a byte stream to determine its encoding").
 *
 * In: the bytes as Latin-1 text, and what resolves a label. Out: the encoding's name, `null` where none is declared.
 * In two things it goes beyond the standard's prescan, as browsers do where they read the same tag later: character references
 * in values mean something, and the text may be longer than 1024 bytes.
 */
import { decodeAttributeEntities } from './entities.ts';

/** The name of the encoding that a label stands for, `null` where there is none. */
type EncodingOf = (label: string) => string | null;

const SPACE = /[\t\n\f\r ]/;
const META = /^<meta[\t\n\f\r /]/i;
const TAG = /^<\/?[a-z]/i;

export function declaredEncoding(head: string, encodingOf: EncodingOf): string | null {
  if (head.startsWith('<\0?\0x\0')) return 'utf-16le';
  if (head.startsWith('\0<\0?\0x')) return 'utf-16be';
  let at = head.indexOf('<');
  while (at !== -1) {
    const opening = head.slice(at, at + 6);
    if (opening.startsWith('<!--')) {
      // The dashes of `<!-->` end it as well.
      const end = head.indexOf('-->', at + 2);
      if (end === -1) break;
      at = end + 3;
    } else if (META.test(opening)) {
      const attributes = new Attributes(head, at + 5);
      const declared = ofMeta(attributes, encodingOf);
      if (declared !== null) return declared;
      at = attributes.at;
    } else if (TAG.test(opening)) {
      const attributes = new Attributes(head, at + 1 + head.slice(at + 1).search(/[\t\n\f\r >]|$/));
      while (attributes.next());
      at = attributes.at;
    } else if (/^<[!/?]/.test(opening)) {
      const end = head.indexOf('>', at);
      if (end === -1) break;
      at = end;
    } else {
      at++;
    }
    at = head.indexOf('<', at);
  }
  return ofXml(head, encodingOf);
}

function ofMeta(attributes: Attributes, encodingOf: EncodingOf): string | null {
  const seen = new Set<string>();
  let isPragma = false;
  /** `undefined`: nothing was said; `null`: something that is no encoding. */
  let charset: string | null | undefined;
  let needsPragma = false;
  while (attributes.next()) {
    const { name } = attributes;
    if (seen.has(name)) continue;
    seen.add(name);
    const value = decodeAttributeEntities(attributes.value);
    if (name === 'http-equiv') {
      isPragma = value.toLowerCase() === 'content-type';
    } else if (name === 'content' && charset === undefined) {
      const label = labelIn(value);
      const found = label === null ? null : encodingOf(label);
      if (found === null) continue;
      charset = found;
      needsPragma = true;
    } else if (name === 'charset') {
      charset = encodingOf(value);
      needsPragma = false;
    }
  }
  // Cut off inside the tag: what follows might say otherwise.
  if (!attributes.isClosed || charset === undefined || charset === null || (needsPragma && !isPragma)) return null;
  // What has been read so far was ASCII.
  if (charset.startsWith('utf-16')) return 'utf-8';
  return charset === 'x-user-defined' ? 'windows-1252' : charset;
}

/** HTML standard §2.5.5, "extracting a character encoding from a meta element". */
function labelIn(content: string): string | null {
  const match = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"'][^\t\n\f\r ;]*))/i.exec(
    content,
  );
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}

/** The XML declaration, which any `meta` outdoes. */
function ofXml(head: string, encodingOf: EncodingOf): string | null {
  if (!head.startsWith('<?xml')) return null;
  const end = head.indexOf('>');
  // oxlint-disable-next-line no-control-regex -- the standard passes over all of them
  const match = /encoding[\0- ]*=[\0- ]*(?:"([^"]*)"|'([^']*)')/.exec(end === -1 ? head : head.slice(0, end));
  const label = match?.[1] ?? match?.[2] ?? '';
  // oxlint-disable-next-line no-control-regex -- as above
  if (/[\0- ]/.test(label)) return null;
  const found = encodingOf(label);
  return found?.startsWith('utf-16') === true ? 'utf-8' : found;
}

/** The attributes of one tag, in turn ("get an attribute"). */
class Attributes {
  readonly #head: string;
  /** Where the next one is looked for. */
  at: number;
  /** Lower case. */
  name = '';
  /** As written. */
  value = '';
  /** The tag's end has been seen. */
  isClosed = false;

  constructor(head: string, at: number) {
    this.#head = head;
    this.at = at;
  }

  /** Reads the next one; false where there is none, or none that ends. */
  next(): boolean {
    this.#skip(/[\t\n\f\r /]/);
    if (this.#isAtEnd()) return false;
    const start = this.at;
    // A name may begin with `=`.
    this.at++;
    while (this.at < this.#head.length && !/[\t\n\f\r =/>]/.test(this.#head[this.at]!)) this.at++;
    this.name = this.#head.slice(start, this.at).toLowerCase();
    this.value = '';
    const afterName = this.at;
    this.#skip(SPACE);
    if (this.#head[this.at] !== '=') {
      this.at = afterName;
      return true;
    }
    this.at++;
    this.#skip(SPACE);
    return this.#readValue();
  }

  #readValue(): boolean {
    const quote = this.#head[this.at];
    if (quote === '"' || quote === "'") {
      const end = this.#head.indexOf(quote, this.at + 1);
      if (end === -1) {
        this.at = this.#head.length;
        return false;
      }
      this.value = this.#head.slice(this.at + 1, end);
      this.at = end + 1;
      return true;
    }
    const start = this.at;
    while (this.at < this.#head.length && !/[\t\n\f\r >]/.test(this.#head[this.at]!)) this.at++;
    this.value = this.#head.slice(start, this.at);
    return true;
  }

  #isAtEnd(): boolean {
    this.isClosed = this.#head[this.at] === '>';
    return this.isClosed || this.at >= this.#head.length;
  }

  #skip(what: RegExp): void {
    while (this.at < this.#head.length && what.test(this.#head[this.at]!)) this.at++;
  }
}
