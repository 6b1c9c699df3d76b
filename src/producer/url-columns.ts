/**
 * Which column of a table holds the URLs, where the user did not say: by its name, else by what is in it.
 */
import { seedUrl } from '../url/seed-url.ts';

/** Names that people give to a column of URLs, the surest first. */
const NAMES = [
  'url',
  'urls',
  'uri',
  'link',
  'links',
  'href',
  'loc',
  'location',
  'address',
  'website',
  'site',
  'page',
  'domain',
  'host',
];
/** `page_url`, `final url`, `meta.link`. */
const ENDS_LIKE_A_NAME = /[\s._-](?:url|uri|link|href)$/i;
const HTTP = /^\s*https?:\/\//i;
/** Written without scheme. The last label must be letters, else numbers and versions (`1.5`) would do. */
const BARE_HOST = /^\s*(?:[\p{L}\d_-]+\.)+\p{L}{2,}(?::\d+)?(?:[/?#]\S*)?\s*$/u;

/** Index of the column whose name says that it holds URLs; -1 if none does. */
export function urlColumnByName(names: readonly string[]): number {
  const lower = names.map((name) => name.trim().toLowerCase());
  for (const name of NAMES) {
    const index = lower.indexOf(name);
    if (index !== -1) return index;
  }
  return lower.findIndex((name) => ENDS_LIKE_A_NAME.test(name));
}

/** Index of the first field that is a URL: one with a scheme if there is any, else a bare host; -1 if none is. */
export function urlColumnByContent(fields: readonly unknown[]): number {
  const withScheme = fields.findIndex((field) => typeof field === 'string' && HTTP.test(field));
  return withScheme !== -1 ? withScheme : fields.findIndex((field) => typeof field === 'string' && looksLikeUrl(field));
}

/** Whether a field holds a URL rather than a column's name. */
export function looksLikeUrl(field: string): boolean {
  return (HTTP.test(field) || BARE_HOST.test(field)) && seedUrl(field).ok;
}

/** Index of the column that the user named: as written, else whatever the case; -1 if there is none. */
export function findColumn(names: readonly string[], wanted: string): number {
  const trimmed = names.map((name) => name.trim());
  const exact = trimmed.indexOf(wanted);
  return exact !== -1 ? exact : trimmed.findIndex((name) => name.toLowerCase() === wanted.toLowerCase());
}

/** Column names for a message. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => name.trim() || '(empty)');
  return shown.join(', ') + (names.length > shown.length ? `, … (${names.length} in all)` : '');
}
