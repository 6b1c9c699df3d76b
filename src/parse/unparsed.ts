/**
 * What is known of an answer of which nothing was read.
 *
 * In: its header, and why. Out: the facts of a page, all but a few empty.
 */
import type { ErrorClass } from '../model/error-codes.ts';
import type { ParsedPage } from '../model/page.ts';
import { contentTypeOf } from './content-type.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NOTHING = new Uint8Array(0);
const LONGEST_REASON = 500;

export function unparsed(contentType: string | null, parseError: ErrorClass | null): Mutable<ParsedPage> {
  return {
    contentType,
    title: null,
    description: null,
    h1: null,
    lang: null,
    canonical: null,
    charset: null,
    charsetSource: null,
    words: null,
    text: null,
    parseError,
    warning: null,
    links: null,
    linksTotal: 0,
    items: [],
  };
}

/**
 * The page of an answer whose status has settled what becomes of the URL (503 is tried again and 404 is not), while its body is
 * too large or cannot be decoded. @param contentType the header as it came.
 */
export function withoutBody(
  contentType: string | null,
  problem: { readonly errorClass: ErrorClass; readonly error: string },
): ParsedPage {
  const facts = unparsed(contentTypeOf(contentType, NOTHING).essence, problem.errorClass);
  facts.warning = `the body was left out: ${problem.error.slice(0, LONGEST_REASON)}`;
  return facts;
}
