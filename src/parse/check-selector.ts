/**
 * Judges a CSS selector before any work starts, by the engine that will run it.
 *
 * Loaded on first use: cheerio takes 160 ms, and only runs with extraction rules need it. The slim build has the same
 * selector engine without the HTML parser.
 */
import { createRequire } from 'node:module';
import type * as Cheerio from 'cheerio/slim';

const loadNow = createRequire(import.meta.url);

/** What is wrong with `selector`, as one line for people; `null` = nothing. */
export function checkSelector(selector: string): string | null {
  if (selector.trim() === '') return 'the selector is empty';
  const { load } = loadNow('cheerio/slim') as typeof Cheerio;
  const $ = load('<a></a>');
  try {
    $.root().find(selector);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
