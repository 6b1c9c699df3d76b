/**
 * Keeps secrets out of logs, messages and the database: passwords in URLs, and the values of headers that authenticate.
 * Works on any text, parsable or not: a URL that was refused is shown to people too. Where a password cannot be told
 * from something else for certain, too much is hidden rather than too little.
 */

/**
 * Optional scheme, any number of slashes either way (the URL parser accepts `http:\\` and `http:/`, and passes over tabs and line
 * ends wherever they stand), then up to an `@`.
 */
const USERINFO = /^((?:[a-z][a-z0-9+.\t\n\r-]*:)?[/\\\t\n\r]*)((?![\t\n\r])[^/\\?#]*)@/i;
/** `user:pa/ss@host`: what follows the first colon is no port, so an unescaped password may reach to the last `@`. */
const SLASH_IN_PASSWORD =
  /^((?:[a-z][a-z0-9+.\t\n\r-]*:)?[/\\\t\n\r]+(?![\t\n\r])[^/\\?#:[\]]+):(?!\d{0,5}(?:[/\\?#]|$))[^]*@/i;
/** A URL inside other text, such as a line of JSON or a query parameter. */
const EMBEDDED = /(:[/\\]|[/\\]{2})([^/\\?#"'<>\s]*)@/g;

/**
 * `url` with the password in its userinfo as `***`. A userinfo without a password is hidden whole: it is usually a token.
 * Text without userinfo comes back unchanged. Linear in the length of the text, whatever it is.
 */
export function redactUrl(url: string): string {
  if (!url.includes('@')) return url;
  // Apart from the patterns: a run of blanks that two of their parts could match would take quadratic time.
  const start = /[^\s\p{Cc}]/u.exec(url)?.index ?? 0;
  const text = url.slice(start);
  const authority = USERINFO.test(text) ? text.replace(USERINFO, hide) : text.replace(SLASH_IN_PASSWORD, '$1:***@');
  return url.slice(0, start) + authority.replace(EMBEDDED, hide);
}

const REJECTED_CHARACTERS = 500;

/** What is kept of a text that is no URL: its beginning, without a password. */
export function rejectedText(text: string): string {
  return redactUrl(text).slice(0, REJECTED_CHARACTERS);
}

function hide(_match: string, before: string, userinfo: string): string {
  if (userinfo === '') return `${before}@`;
  const colon = userinfo.indexOf(':');
  // Without slashes before it, what looks like the scheme may be the user name, and all of this the password.
  const isWhole = /[/\\]/.test(before);
  const user = isWhole && colon > 0 && colon < userinfo.length - 1 ? `${userinfo.slice(0, colon)}:` : '';
  return `${before}${user}***@`;
}

const SECRET_HEADER =
  /(?:^|-)(?:authorization|auth|cookie2?|tokens?|secret|password|passwd|credentials?|session|sessionid|signature|jwt|key)(?:-|$)|api-?key|(?:access|private)-?key/i;

/** Whether a header of this name authenticates: `authorization`, `cookie`, `x-api-key` … */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** The same headers with the values of all that authenticate as `***`, and no password in the URLs of the others. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? '***' : redactUrl(value)]),
  );
}
