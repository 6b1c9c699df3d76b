/**
 * Laboratory: the parameters of experiments. Each is a flag of `crawl lab NAME`, read and checked as the flags of a run are.
 */
import type { Option } from '../../config/option.ts';
import { parseText, parseValue, type Parsed } from '../../config/values.ts';
import type { FlagValues } from '../../config/layers.ts';
import { ConfigError } from '../../model/errors.ts';

/** `T`: the type of its value. */
export interface Parameter<T> {
  /** All of an option but its name, which is the parameter's key. */
  readonly option: Omit<Option, 'flag'>;
  /** Makes the value of what the option reads, where that is not it. */
  readonly convert?: (value: unknown) => Parsed | { readonly value: T };
  /** Never there: it carries the type. */
  readonly type?: T;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

const COMMON = { path: null, group: 'Misc' } as const;

/** A whole number. */
export function integer(help: string, value: number, limits: { min?: number; max?: number } = {}): Parameter<number> {
  return { option: { ...COMMON, kind: 'integer', argument: 'N', help, default: value, min: 1, ...limits } };
}

/** Whole numbers ≥ 1, separated by commas. */
export function integers(
  help: string,
  value: string,
  { max, short }: { max: number; short?: string },
): Parameter<readonly number[]> {
  return {
    option: {
      ...COMMON,
      kind: 'text',
      argument: 'N,N',
      help,
      default: value,
      ...(short === undefined ? {} : { short }),
    },
    convert: (text) => {
      const numbers = String(text).split(',').map(Number);
      if (numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= max))
        return { value: numbers };
      return {
        problems: [
          { at: '', message: `must be whole numbers from 1 to ${max}, as ${value}, got ${JSON.stringify(text)}` },
        ],
      };
    },
  };
}

/** A time; its value is in ms. `value` as in `2s`. */
export function duration(help: string, value: string): Parameter<number> {
  return { option: { ...COMMON, kind: 'duration', argument: 'DUR', help, default: value, min: 1 } };
}

/** One of several words. */
export function choice<const W extends string>(help: string, words: readonly W[], value: NoInfer<W>): Parameter<W> {
  return { option: { ...COMMON, kind: 'enum', argument: words.join('|'), words, help, default: value } };
}

/** Yes where the flag is given. */
export function toggle(help: string): Parameter<boolean> {
  return { option: { ...COMMON, kind: 'boolean', help, default: false } };
}

export function optionsOf(parameters: Parameters): Option[] {
  return Object.entries(parameters).map(([flag, { option }]) => ({ ...option, flag }));
}

/** The values of the flags given, defaults for the others. @throws {ConfigError} ERR_USAGE with everything that is wrong. */
export function readParameters<P extends Parameters>(parameters: P, flags: FlagValues): ParameterValues<P> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const option of optionsOf(parameters)) {
    const flag = option.flag ?? '';
    values[flag] = null;
    if (flags[flag] === undefined && option.default === null) continue;
    const read = readOne(option, flags[flag]);
    const convert = parameters[flag]?.convert;
    const parsed = convert !== undefined && 'value' in read ? convert(read.value) : read;
    if ('value' in parsed) values[flag] = parsed.value;
    else problems.push(...parsed.problems.map(({ message }) => `--${flag} ${message}`));
  }
  if (problems.length > 0) throw new ConfigError(problems, 'ERR_USAGE');
  return values as ParameterValues<P>;
}

function readOne(option: Option, given: FlagValues[string] | undefined): Parsed {
  if (given === undefined) return parseValue(option, option.default);
  return typeof given === 'boolean' ? { value: given } : parseText(option, given);
}
