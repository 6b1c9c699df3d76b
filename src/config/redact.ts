/**
 * Config: what may be shown and recorded. In: header names and values, URLs, a command line. Out: the same without
 * secrets. Everything that leaves the process's memory (the `run` table, `config show`, messages) goes through here.
 */
import { OPTIONS } from './options.ts';

/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

const SECRET_HEADER = /auth|cookie|token|secret|passw|api[-_]?key|session|credential/i;

/** Header values with those of Authorization, Cookie and the like replaced. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_HEADER.test(name) ? REDACTED : value]),
  );
}

/** A URL, or any text holding one, with the password of `//user:password@host` replaced. */
export function redactUrl(text: string): string {
  return text.replaceAll(/(\/\/[^/?#@\s:]*:)[^/?#\s]*@/g, `$1${REDACTED}@`);
}

/** A command line fit to be recorded. */
export function redactArguments(argv: readonly string[]): string[] {
  const header = OPTIONS.find((option) => option.kind === 'headers');
  const flags = [`--${String(header?.flag)}`, `-${String(header?.short)}`];
  return argv.map((argument, index) => {
    const before = argv[index - 1] ?? '';
    if (flags.includes(before)) return redactHeaderText(argument);
    const joined = /^(--header=|-H=?|--set=)(.+)$/s.exec(argument);
    if (joined !== null) return `${joined[1] ?? ''}${redactHeaderText(joined[2] ?? '')}`;
    return argument.startsWith('fetch.headers=') ? `fetch.headers=${REDACTED}` : redactUrl(argument);
  });
}

function redactHeaderText(text: string): string {
  if (text.startsWith('fetch.headers=')) return `fetch.headers=${REDACTED}`;
  const colon = text.indexOf(':');
  // Without a colon it is no header; it may still be a secret in the wrong place.
  if (colon < 0) return redactUrl(text);
  return SECRET_HEADER.test(text.slice(0, colon)) ? `${text.slice(0, colon)}: ${REDACTED}` : text;
}
