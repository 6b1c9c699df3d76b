/**
 * Config: one value of one option, from any source. In: the raw value (text from a flag or the environment, a typed value
 * from a file). Out: the parsed value (ms, bytes, numbers, lists), or the problems with it. Text is first read as the
 * option's type would be written in a file; the same checks then hold for every source.
 */
import { parseExtractSection, extractFromFlags, writeExtract, type ExtractSetting } from './extract.ts';
import { parseHosts, writeHosts, type HostsSetting } from './host-rules.ts';
import type { Option } from './option.ts';
import { basicAuthorization } from '../url/basic-auth.ts';
import { redactUrl } from '../url/redact.ts';
import { parseOriginHeaders, type OriginHeaders } from './origin-headers.ts';
import { parseDuration, parseRate, parseSize, quote, UnitError, writeDuration, writeSize } from './units.ts';

/** A problem with a value: `at` is the path below the option ('' for the value itself). */
export interface ValueProblem {
  readonly at: string;
  readonly message: string;
}

export type Headers = Readonly<Record<string, string>>;

/** What a parsed value can be. */
export type Value =
  | string
  | number
  | boolean
  | readonly string[]
  | Headers
  | OriginHeaders
  | HostsSetting
  | ExtractSetting;

export type Parsed = { readonly value: Value } | { readonly problems: readonly ValueProblem[] };

/** Checks and converts a value in the form a config file has it. */
export function parseValue(option: Option, raw: unknown): Parsed {
  switch (option.kind) {
    case 'extract':
      return unlessProblems(parseExtractSection(raw));
    case 'hosts':
      return unlessProblems(parseHosts(raw, parseValue));
    case 'origin-headers':
      return unlessProblems(parseOriginHeaders(raw, (headers) => attempt(() => readHeaders(headers))));
    default:
      return attempt(() => readValue(option, raw));
  }
}

function unlessProblems({ value, problems }: { value: Value; problems: readonly ValueProblem[] }): Parsed {
  return problems.length > 0 ? { problems } : { value };
}

function attempt(read: () => Value): Parsed {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof UnitError) return { problems: [{ at: '', message: error.message }] };
    throw error;
  }
}

/** Checks and converts what was typed after a flag (every occurrence), after `--set KEY=`, or in an environment variable. */
export function parseText(option: Option, texts: readonly string[]): Parsed {
  // Scalars: the last one wins, as in most programs, so that an alias or script can be overridden.
  const last = texts.at(-1) ?? '';
  switch (option.kind) {
    case 'extract':
      if (last.trimStart().startsWith('{')) return parseValue(option, fromJson(last));
      try {
        return { value: extractFromFlags(texts) };
      } catch (error) {
        if (error instanceof UnitError) return { problems: [{ at: '', message: error.message }] };
        throw error;
      }
    case 'headers':
      return parseValue(option, last.trimStart().startsWith('{') ? fromJson(last) : [...texts]);
    case 'hosts':
    case 'origin-headers':
      return parseValue(option, fromJson(last));
    case 'list':
    case 'paths':
      return parseValue(option, last.trimStart().startsWith('[') ? fromJson(last) : [...texts]);
    case 'fraction':
    case 'integer':
    case 'column':
      return parseValue(option, /^-?\d+(\.\d+)?$/.test(last.trim()) ? Number(last) : last);
    case 'boolean': {
      const word = last.trim().toLowerCase();
      if (word === 'true' || word === '1') return parseValue(option, true);
      return parseValue(option, word === 'false' || word === '0' ? false : last);
    }
    default:
      return parseValue(option, last);
  }
}

/** A parsed value back in the form of a config file: `30s`, `10MB`. `parseValue` of the result gives the same value. */
export function writeValue(option: Option, value: Value): unknown {
  if (typeof value === 'number') {
    if (option.kind === 'duration') return writeDuration(value);
    if (option.kind === 'size') return writeSize(value);
    if (option.kind === 'rate') return `${String(value)}/s`;
  }
  if (option.kind === 'hosts') return writeHosts(value as HostsSetting, writeValue);
  return option.kind === 'extract' ? writeExtract(value as ExtractSetting) : value;
}

function readValue(option: Option, raw: unknown): Value {
  switch (option.kind) {
    case 'duration':
      return inRange(option, parseDuration(raw), writeDuration, raw);
    case 'size':
      return inRange(option, parseSize(raw), writeSize, raw);
    case 'rate':
      return parseRate(raw);
    case 'fraction':
      if (typeof raw === 'number' && raw >= 0 && raw <= 1) return raw;
      throw new UnitError(`must be a number from 0 to 1, got ${quote(raw)}`);
    case 'integer':
      return readInteger(option, raw);
    case 'enum':
      if (typeof raw === 'string' && option.words?.includes(raw) === true) return raw;
      throw new UnitError(`must be one of ${(option.words ?? []).join(', ')}, got ${quote(raw)}`);
    case 'column':
      if (typeof raw === 'string' && raw.trim() !== '') return raw;
      if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 1) return raw;
      throw new UnitError(`must be a column's name or its number from 1, got ${quote(raw)}`);
    case 'boolean':
      if (typeof raw === 'boolean') return raw;
      throw new UnitError(`must be true or false, got ${quote(raw)}`);
    case 'list':
    case 'paths': {
      const list: unknown = typeof raw === 'string' ? [raw] : raw;
      if (Array.isArray(list) && list.every((item) => typeof item === 'string' && item.trim() !== ''))
        return list as string[];
      throw new UnitError(`must be a text or a list of texts, none empty, got ${quote(raw)}`);
    }
    case 'proxy':
      return readProxy(raw);
    case 'headers':
      return readHeaders(raw);
    case 'text':
    case 'path':
      if (typeof raw === 'string' && raw.trim() !== '' && !/[\r\n\0]/.test(raw)) return raw;
      throw new UnitError(`must be a text of one line, not empty, got ${quote(raw)}`);
    default:
      // The kinds that are maps have parsers of their own.
      throw new TypeError(`${option.kind} is not a single value`);
  }
}

function readInteger(option: Option, raw: unknown): number | string {
  if (typeof raw === 'string' && option.words?.includes(raw) === true) return raw;
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = option;
  if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= min && raw <= max) return raw;
  const words = (option.words ?? []).map((word) => ` or "${word}"`).join('');
  const range = typeof raw === 'number' && raw > max ? `from ${String(min)} to ${String(max)}` : `≥ ${String(min)}`;
  throw new UnitError(`must be an integer ${range}${words}, got ${quote(raw)}`);
}

function inRange(option: Option, value: number, write: (value: number) => string, raw: unknown): number {
  if (option.min !== undefined && value < option.min) {
    throw new UnitError(`must be at least ${write(option.min)}, got ${quote(raw)}`);
  }
  return value;
}

/** `proxy:3128` means http://, as with other programs. */
function readProxy(raw: unknown): string {
  const text = typeof raw === 'string' ? raw.trim() : '';
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === '' || !/^(?:https?|socks5?):$/.test(url.protocol)) {
    const got = quote(typeof raw === 'string' ? redactUrl(raw) : raw);
    throw new UnitError(`must be a proxy such as http://proxy:3128, https://… or socks5://…, got ${got}`);
  }
  if (basicAuthorization(url.username, url.password) === null) {
    throw new UnitError('must have a user name without colon, and no control characters in it or in the password');
  }
  return url.href;
}

/** Header names are tokens, values have no line breaks (RFC 9110 §5.6.2, §5.5): else a value could smuggle in a header. */
function readHeaders(raw: unknown): Headers {
  const headers: Record<string, string> = {};
  for (const [name, value] of headerEntries(raw)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new UnitError(`must be written 'Name: value' with a valid header name, got ${quote(name)}`);
    }
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || /[\r\n\0]/.test(text)) {
      // The value may be a secret: it is not quoted.
      throw new UnitError(`must have a text of one line as the value of ${name}`);
    }
    headers[name.toLowerCase()] = text.trim();
  }
  return headers;
}

function headerEntries(raw: unknown): (readonly [string, unknown])[] {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return Object.entries(raw);
  const lines: unknown = typeof raw === 'string' ? [raw] : raw;
  if (!Array.isArray(lines)) throw new UnitError(`must be a map of header names to values, got ${quote(raw)}`);
  return lines.map((line: unknown) => {
    const colon = typeof line === 'string' ? line.indexOf(':') : -1;
    if (typeof line !== 'string' || colon < 1) {
      throw new UnitError(
        `must be written 'Name: value', got ${typeof line === 'string' ? 'a text without a colon' : quote(line)}`,
      );
    }
    return [line.slice(0, colon).trim(), line.slice(colon + 1)] as const;
  });
}

/** JSON from a text; a text that is none is returned as it is and then refused by the type check. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnitError(`must be valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
