/**
 * Config: a command line fit to be recorded. In: argv. Out: the same without header values that authenticate and without
 * passwords in URLs. What counts as a secret is decided in `url/redact.ts`.
 */
import { isSecretHeader, redactHeaders, redactUrl } from '../url/redact.ts';
import { OPTIONS } from './options.ts';

/** Stands where the value of a secret header stood. */
export const REDACTED: string = redactHeaders({ authorization: 'x' })['authorization'] ?? '';

const HEADER = OPTIONS.find((option) => option.kind === 'headers');
/** Short flags may stand in a row: `-qH 'Authorization: …'`. */
const HEADER_FLAG = `--${String(HEADER?.flag)}|-[a-zA-Z]*${String(HEADER?.short)}`;
const ALONE = new RegExp(`^(?:${HEADER_FLAG})$`);
const JOINED = new RegExp(`^((?:${HEADER_FLAG})=?|--set=)(.+)$`, 's');
/** `--set fetch.headers=…` and the like are hidden whole. */
const SECRET_SETTING = new RegExp(
  `^(${OPTIONS.flatMap(({ kind, path }) => (kind.endsWith('headers') ? [path] : [])).join('|')})=`,
);

/** A command line as it is kept in the `run` table. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    if (ALONE.test(argv[index - 1] ?? '')) return redactHeaderText(argument);
    const joined = JOINED.exec(argument);
    return joined === null ? redactSetting(argument) : `${joined[1] ?? ''}${redactHeaderText(joined[2] ?? '')}`;
  });
}

function redactHeaderText(text: string): string {
  const colon = text.indexOf(':');
  // Without a colon it is no header.
  if (colon < 0 || SECRET_SETTING.test(text)) return redactSetting(text);
  const name = text.slice(0, colon);
  return isSecretHeader(name.trim()) ? `${name}: ${REDACTED}` : redactUrl(text);
}

function redactSetting(text: string): string {
  const [, path] = SECRET_SETTING.exec(text) ?? [];
  return path === undefined ? redactUrl(text) : `${path}=${REDACTED}`;
}
