/**
 * Scans a page window by window, so that a page of megabytes is not copied as a whole: most pages are one window.
 *
 * In: a page in UTF-8. Out: what `scanHtml` makes of it, and before that of each window the window itself; positions are in the
 * window entered last. A window ends between characters; what it breaks off in is read again at the start of the next one,
 * which is eight times as large if nothing else was in it: so all is looked at a bounded number of times.
 * test/property/scan-html.property.test.ts holds that windows of any size read the same.
 */
import type { LargeText } from './decode-large.ts';
import { HtmlSource, endSource } from './html-source.ts';
import { scanHtml } from './scan-html.ts';
import type { HtmlSink } from './scan-html.ts';

/** Bytes. One that is twice as large is still read as one. */
const WINDOW = 512 * 1024 - 1;
const GROWTH = 8;

export interface WindowSink extends HtmlSink {
  enter(window: HtmlSource): void;
}

/** @param text Well-formed UTF-8 without NUL, or what becomes that while it is read. */
export function scanWindows(
  text: Uint8Array | LargeText,
  xhtml: boolean,
  sink: WindowSink,
  window: number = WINDOW,
): void {
  if (text instanceof Uint8Array) scanBytes(text, xhtml, sink, window);
  else scanText(text, xhtml, sink, window);
  endSource();
}

function scanBytes(utf8: Uint8Array, xhtml: boolean, sink: WindowSink, window: number): void {
  let at = 0;
  // A page of two windows is read as one: what does not end in the first would be read again.
  let size = utf8.length <= 2 * window ? utf8.length : window;
  do {
    const end = characterEnd(utf8, at + size);
    const source = HtmlSource.of(at === 0 && end === utf8.length ? utf8 : utf8.subarray(at, end));
    sink.enter(source);
    const read = scanHtml(source, xhtml, sink, end === utf8.length);
    at += read;
    size = read === 0 ? size * GROWTH : window;
  } while (at < utf8.length);
}

/** What a window leaves unread stays where it is: a window is never smaller than that. */
function scanText(text: LargeText, xhtml: boolean, sink: WindowSink, window: number): void {
  let source: HtmlSource | null = null;
  let read = 0;
  let size = window;
  do {
    source = HtmlSource.goOn(source, read, text, size);
    sink.enter(source);
    read = scanHtml(source, xhtml, sink, text.isOver);
    size = read === 0 ? Math.max(size, source.length) * GROWTH : window;
  } while (!text.isOver);
}

/** `at`, or the end of the character that it stands in. */
function characterEnd(utf8: Uint8Array, at: number): number {
  let end = at;
  while (end < utf8.length && (utf8[end]! & 0xc0) === 0x80) end++;
  return Math.min(end, utf8.length);
}
