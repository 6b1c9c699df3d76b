/**
 * Config: a command line fit to be recorded. In: argv. Out: the same without header values that authenticate and without
 * passwords in URLs. What counts as a secret is decided in `url/redact.ts`.
 */
import { redactHeaders, redactUrl } from '../url/redact.ts';
import { OPTIONS } from './options.ts';

/** Stands where the value of a secret header stood. */
export const REDACTED: string = redactHeaders({ authorization: 'x' })['authorization'] ?? '';

const HEADER = OPTIONS.find((option) => option.kind === 'headers');
const HEADER_FLAGS: readonly string[] = [`--${String(HEADER?.flag)}`, `-${String(HEADER?.short)}`];
const JOINED = new RegExp(`^(${HEADER_FLAGS.join('=|')}=?|--set=)(.+)$`, 's');

/** A command line as it is kept in the `run` table. */
export function redactArguments(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    if (HEADER_FLAGS.includes(argv[index - 1] ?? '')) return redactHeaderText(argument);
    const joined = JOINED.exec(argument);
    return joined === null ? redactSetting(argument) : `${joined[1] ?? ''}${redactHeaderText(joined[2] ?? '')}`;
  });
}

function redactHeaderText(text: string): string {
  const colon = text.indexOf(':');
  // Without a colon it is no header.
  if (colon < 0 || text.startsWith('fetch.headers=')) return redactSetting(text);
  const name = text.slice(0, colon);
  return redactHeaders({ [name]: text })[name] === text ? text : `${name}: ${REDACTED}`;
}

/** `--set fetch.headers=…` is hidden whole. */
function redactSetting(text: string): string {
  return text.startsWith('fetch.headers=') ? `fetch.headers=${REDACTED}` : redactUrl(text);
}
