/**
 * Export: what stands for a `{field}` of a name. In: a stored page. Out: text as it came (made safe by the caller), or `null`
 * where the page has no such thing. A column of the list goes before a field of the program with the same name: it is the user's own.
 */
import type { StoredPage } from '../model/stored-page.ts';
import { extensionInPath, extensionOf } from './file-extension.ts';

/** Fields that every page has, lists aside. */
export const PAGE_FIELDS = ['host', 'path', 'title', 'sha256', 'id', 'ext'] as const;

/** Values of one page. `path` has several parts, one a folder and the last the file; all others have one. */
export class PageFields {
  readonly #page: StoredPage;
  readonly #url: URL;
  readonly #columns: Readonly<Record<string, unknown>> | null;

  /** `withColumns` = false: only the program's own fields. */
  constructor(page: StoredPage, withColumns: boolean) {
    this.#page = page;
    this.#url = new URL(page.url);
    const hasColumns = withColumns && page.columns !== null;
    this.#columns = hasColumns ? (JSON.parse(page.columns) as Record<string, unknown>) : null;
  }

  parts(field: string): readonly string[] | null {
    const column = this.#column(field);
    if (column !== null) return [column];
    switch (field) {
      case 'host':
        return [this.#url.hostname];
      case 'path':
        return this.#path();
      case 'title':
        return this.#page.title === null ? null : [this.#page.title];
      case 'sha256':
        return this.#page.sha256 === null ? null : [this.#page.sha256];
      case 'id':
        return [String(this.#page.urlId)];
      case 'ext':
        return [extensionOf(this.#page.contentType, this.#url.pathname)];
      default:
        return null;
    }
  }

  #column(field: string): string | null {
    if (this.#columns === null || !Object.hasOwn(this.#columns, field)) return null;
    const value = this.#columns[field];
    const text = typeof value === 'string' ? value.trim() : value === null ? '' : JSON.stringify(value);
    return text === '' ? null : text;
  }

  /** `/a/` → a, index.html · `/a/b?c=1` → a, b_c=1.html. The extension comes where the last part has none. */
  #path(): string[] {
    const { pathname, search } = this.#url;
    const parts = pathname.split('/').map(decoded);
    const last = parts.pop() ?? '';
    const inPath = extensionInPath(last);
    const stem = inPath === null ? last || 'index' : last.slice(0, -inPath.length - 1);
    const extension = inPath ?? extensionOf(this.#page.contentType, '');
    const query = search === '' ? '' : `_${decoded(search.slice(1))}`;
    return [...parts, `${stem}${query}.${extension}`];
  }
}

/** As people read it: `caf%C3%A9` → `café`. What is no UTF-8 stays encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
