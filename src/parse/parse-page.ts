/**
 * One page through the whole parse stage: decode → digest → charset → HTML → links → user rules.
 *
 * In: a `FetchedPage`. Out: its `PageResult`, always exactly one, never an exception: whatever goes wrong after decoding
 * costs the page its text, not its body (`parse_error`). What no `catch` can hold (an endless loop, a full heap) ends the
 * thread, and `pool.ts` sees to it.
 */
import { collect, release } from '../model/large-memory.ts';
import { packLinks } from '../model/packed-links.ts';
import type { FetchedPage, PageResult, ParseMode, ParsedPage } from '../model/page.ts';
import type { Settlement } from '../model/url-state.ts';
import { queryEncoderOf } from '../url/legacy-query.ts';
import { LinkResolver } from '../url/resolve-links.ts';
import type { DecodedText } from './charset.ts';
import { contentTypeOf } from './content-type.ts';
import type { ContentType } from './content-type.ts';
import { decodeBody } from './decode.ts';
import type { Undecodable } from './decode.ts';
import { Extractor } from './extract.ts';
import type { HtmlFacts, HtmlRequest } from './html.ts';
import { hostOf } from './links.ts';
import type { ParserOptions } from './options.ts';
import { packBody } from './pack-body.ts';
import { unparsed, withoutBody, type Mutable } from './unparsed.ts';
import { MOST_TEXT, VisibleText, clip } from './visible-text.ts';

const LONGEST_CANONICAL = 8192;
/** Bytes on the wire from which on their memory is given back at once. */
const LARGE = 256 * 1024;
const TEXT_CUT = `only the first ${MOST_TEXT / 1e6} MB of text were kept`;

/** What reads content: loaded only if content is read. */
interface Tools {
  readonly readHtml: (text: DecodedText['text'], request: HtmlRequest) => HtmlFacts;
  readonly decodeText: (bytes: Uint8Array, headerLabel: string | null, html: boolean) => DecodedText;
  readonly extractor: Extractor | null;
}

/** One per thread: page after page goes through the same rules. */
export class PageParser {
  readonly #options: ParserOptions;
  /** `null` with `--parse none`. */
  readonly #tools: Tools | null;

  private constructor(options: ParserOptions, tools: Tools | null) {
    this.#options = options;
    this.#tools = tools;
  }

  /** Loads what these options need and nothing else. */
  static async create(options: ParserOptions): Promise<PageParser> {
    if (options.mode === 'none') return new PageParser(options, null);
    const [{ readHtml }, { decodeText }] = await Promise.all([import('./html.ts'), import('./charset.ts')]);
    const extractor = options.extract.length === 0 ? null : await Extractor.create(options.extract);
    return new PageParser(options, { readHtml, decodeText, extractor });
  }

  parse(page: FetchedPage): PageResult {
    const decoded = decodeBody(page.body, page.contentEncoding, this.#options.maxSize);
    if (!decoded.ok) {
      if (page.body.length >= LARGE) release(page.body);
      if (decoded.errorClass !== 'decode') collect();
      return undecodable(page, decoded);
    }
    // What is not one clean coding of the body will not be stored.
    if (decoded.wireEncoding === null && page.body.length >= LARGE) release(page.body);
    const type = contentTypeOf(page.contentType, decoded.bytes);
    const facts = this.#parseContent(page, decoded.bytes, type);
    if (decoded.warning !== null) addWarning(facts, decoded.warning);
    // Last, because it may give the bytes themselves away.
    const body = packBody(page.body, decoded, this.#options.bodies, type.essence);
    const kept = body.bytes?.buffer;
    if (decoded.bytes.buffer !== kept && page.body !== decoded.bytes) release(decoded.bytes);
    if (page.body.length >= LARGE && page.body.buffer !== kept) release(page.body);
    return { attempt: page.attempt, settlement: page.settlement, hostNote: page.hostNote, body, page: facts };
  }

  #parseContent(page: FetchedPage, bytes: Uint8Array, type: ContentType): Mutable<ParsedPage> {
    const facts = unparsed(type.essence, page.parseError ?? null);
    const mode = page.parse ?? this.#options.mode;
    if (this.#tools === null || mode === 'none') return facts;
    if (type.kind !== 'html' && (type.kind !== 'text' || mode !== 'full')) return facts;
    try {
      const decoded = this.#tools.decodeText(bytes, type.charsetLabel, type.kind === 'html');
      if (type.kind === 'html') this.#parseHtml(facts, page, decoded, type, mode, this.#tools);
      else this.#readText(facts, decoded.text);
      noteCharset(facts, decoded);
      return facts;
    } catch (error) {
      const failed = unparsed(type.essence, 'parse-error');
      failed.warning = `parsing failed: ${clip(String(error), 500)}`;
      return failed;
    }
  }

  #readText(facts: Mutable<ParsedPage>, content: DecodedText['text']): void {
    const text = new VisibleText();
    if (content instanceof Uint8Array) text.add(content, 0, content.length);
    else content.forEach((utf8, length) => text.add(utf8, 0, length));
    facts.words = text.words;
    if (text.isCut) addWarning(facts, TEXT_CUT);
    if (this.#options.text) facts.text = text.take();
  }

  #parseHtml(
    facts: Mutable<ParsedPage>,
    page: FetchedPage,
    { text: content, charset }: DecodedText,
    type: ContentType,
    mode: Exclude<ParseMode, 'none'>,
    tools: Tools,
  ): void {
    const { links, text } = this.#options;
    const found = tools.readHtml(content, { mode, text, links: links !== 'none', xhtml: type.xhtml });
    facts.title = found.title;
    facts.description = found.description;
    facts.h1 = found.h1;
    facts.lang = found.lang;
    facts.text = found.text;
    if (mode === 'full') facts.words = found.words;
    if (found.isTextCut) addWarning(facts, TEXT_CUT);
    const resolver = new LinkResolver(baseOf(page.baseUrl, found.base), queryEncoderOf(charset));
    if (found.canonical !== null) facts.canonical = clipped(resolver.resolve(found.canonical));
    if (links !== 'none') this.#addLinks(facts, found, resolver, page.baseUrl);
    if (tools.extractor !== null) addItems(facts, tools.extractor, content, resolver);
  }

  #addLinks(facts: Mutable<ParsedPage>, found: HtmlFacts, resolver: LinkResolver, pageUrl: string): void {
    const onlyHost = this.#options.links === 'internal' ? hostOf(pageUrl) : null;
    const { links, total, kept, characters } = found.links.resolve(resolver, onlyHost, found.base === null);
    facts.links = packLinks(links, characters);
    facts.linksTotal = total;
    if (kept < total) addWarning(facts, `only the first ${kept} of ${total} links were kept`);
  }
}

function undecodable(page: FetchedPage, failure: Undecodable): PageResult {
  const { errorClass, errorCode, error, isFinal } = failure;
  if (page.attempt.errorClass !== null) {
    const facts = withoutBody(page.contentType, failure);
    return { attempt: page.attempt, settlement: page.settlement, hostNote: page.hostNote, body: null, page: facts };
  }
  // Damage may be worth another attempt, and the sender has worked out what that means.
  const settlement: Settlement = isFinal ? { state: 'failed', reason: errorClass } : page.ifUndecodable;
  return {
    attempt: { ...page.attempt, errorClass, errorCode, error },
    settlement,
    hostNote: page.hostNote,
    body: null,
    page: null,
  };
}

/** What is known once the text has been read. It is said first: it bears on all that was found. */
function noteCharset(facts: Mutable<ParsedPage>, { text, charset, source, lossy }: DecodedText): void {
  facts.charset = charset;
  facts.charsetSource = source;
  const { isCut, hasReplaced } = text instanceof Uint8Array ? WHOLE : text;
  if (lossy || hasReplaced) putWarning(facts, 'replaced characters that are not valid in the page’s encoding');
  if (isCut) putWarning(facts, 'only the beginning was read: decoded, it is more than twice as large');
}

const WHOLE = { isCut: false, hasReplaced: false };

function addItems(
  facts: Mutable<ParsedPage>,
  extractor: Extractor,
  content: DecodedText['text'],
  resolver: LinkResolver,
): void {
  const utf8 = content instanceof Uint8Array ? content : content.whole();
  try {
    const html = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length).toString();
    facts.items = extractor.extract(html, (href) => resolver.resolve(href));
  } catch (error) {
    facts.parseError = 'extractor-error';
    addWarning(facts, `an extraction rule failed: ${clip(String(error), 500)}`);
  } finally {
    if (utf8 !== content) release(utf8);
  }
}

function putWarning(facts: Mutable<ParsedPage>, warning: string): void {
  facts.warning = facts.warning === null ? warning : `${warning}; ${facts.warning}`;
}

function addWarning(facts: Mutable<ParsedPage>, warning: string): void {
  facts.warning = facts.warning === null ? warning : `${facts.warning}; ${warning}`;
}

/** The page's `<base href>` counts if it is a usable URL (HTML standard, "frozen base URL"). */
function baseOf(pageUrl: string, base: string | null): string {
  const parsed = base === null ? null : URL.parse(base, pageUrl);
  return parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') ? pageUrl : parsed.href;
}

function clipped(url: string | null): string | null {
  return url !== null && url.length <= LONGEST_CANONICAL ? url : null;
}
