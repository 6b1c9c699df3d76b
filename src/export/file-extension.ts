/** Export: the extension of a file by its content type. In: a Content-Type value, the URL's path. Out: letters and digits, no dot. */

const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['text/html', 'html'],
  ['application/xhtml+xml', 'xhtml'],
  ['text/plain', 'txt'],
  ['text/css', 'css'],
  ['text/csv', 'csv'],
  ['text/markdown', 'md'],
  ['text/calendar', 'ics'],
  ['text/javascript', 'js'],
  ['application/javascript', 'js'],
  ['application/x-javascript', 'js'],
  ['application/json', 'json'],
  ['application/ld+json', 'jsonld'],
  ['application/manifest+json', 'webmanifest'],
  ['application/x-ndjson', 'jsonl'],
  ['text/xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/rss+xml', 'rss'],
  ['application/atom+xml', 'atom'],
  ['application/pdf', 'pdf'],
  ['application/zip', 'zip'],
  ['application/gzip', 'gz'],
  ['application/x-gzip', 'gz'],
  ['application/x-tar', 'tar'],
  ['application/epub+zip', 'epub'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/wasm', 'wasm'],
  ['image/jpeg', 'jpg'],
  ['image/png', 'png'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
  ['image/avif', 'avif'],
  ['image/svg+xml', 'svg'],
  ['image/x-icon', 'ico'],
  ['image/vnd.microsoft.icon', 'ico'],
  ['font/woff', 'woff'],
  ['font/woff2', 'woff2'],
  ['audio/mpeg', 'mp3'],
  ['video/mp4', 'mp4'],
  ['video/webm', 'webm'],
]);

/** With a letter in it: the `2` of `/v1.2` is none. */
const IN_PATH = /\.((?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,8})$/;

/** By the content type, else as in the path, else `bin`. */
export function extensionOf(contentType: string | null, path: string): string {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return EXTENSIONS.get(type) ?? extensionInPath(path)?.toLowerCase() ?? 'bin';
}

/** The extension that the last part of a path has; `null`: none. */
export function extensionInPath(path: string): string | null {
  return IN_PATH.exec(path)?.[1] ?? null;
}
