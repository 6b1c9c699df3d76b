/** What crosses to the store in packed form, as tests want to look at it. */
import type { PageLink, ParsedPage } from '../../src/model/page.ts';

export interface ReadablePage extends Omit<ParsedPage, 'text' | 'links'> {
  readonly text: string | null;
  readonly links: readonly PageLink[] | null;
}

export function readablePage(page: ParsedPage): ReadablePage {
  return { ...page, text: textOf(page.text), links: page.links === null ? null : unpackLinks(page.links) };
}

export function unpackLinks(packed: string | Uint8Array): PageLink[] {
  const json = typeof packed === 'string' ? packed : (textOf(packed) as string);
  const rows = json === '' ? [] : (JSON.parse(json) as [string, string, string | null, number][]);
  return rows.map(([to, anchor, rel, n]) => ({ to, anchor, rel, n }));
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
