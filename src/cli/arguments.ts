/**
 * Command line: argv to flags and words, by one command's options. yargs splits; what is known, missing or misspelled is
 * judged here, all at once. Values stay text: units and ranges are the business of `config/`.
 */
import { createRequire } from 'node:module';
import type { Parser as YargsParser } from 'yargs/helpers';

import type { FlagValues } from '../config/layers.ts';
import type { Option } from '../config/option.ts';
import { didYouMean } from '../config/suggest.ts';
import { ConfigError } from '../model/errors.ts';

export interface Arguments {
  readonly flags: FlagValues;
  readonly words: readonly string[];
}

/**
 * The parser of yargs, from the place where yargs itself has it: `yargs/helpers` would load the terminal layout beside it, whose
 * table of emoji takes 30 ms at the start of every command.
 */
const Parser = createRequire(import.meta.resolve('yargs'))('yargs-parser') as typeof YargsParser;

type Flag = Option & { readonly flag: string };

/** @throws {ConfigError} `ERR_USAGE`: unknown flags with what was meant, flags without their value. */
export function parseArguments(options: readonly Option[], argv: readonly string[], help: string): Arguments {
  const known = options.filter((option): option is Flag => option.flag !== null);
  const valued = known.filter((option) => option.kind !== 'boolean');
  const { argv: parsed, error } = Parser.detailed(separateShort(argv, valued), {
    string: [...valued.map((option) => option.flag), '_'],
    boolean: known.filter((option) => option.kind === 'boolean').map((option) => option.flag),
    narg: Object.fromEntries(valued.map((option) => [option.flag, 1])),
    alias: Object.fromEntries(
      known.filter((option) => option.short !== undefined).map(({ flag, short = '' }) => [flag, short]),
    ),
    configuration: {
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    },
  });
  const problems: string[] = [];
  const missing = /: (.+)$/.exec(error?.message ?? '')?.[1];
  if (missing !== undefined) {
    const option = known.find(({ flag }) => flag === missing);
    problems.push(
      `--${missing} needs a value${option?.argument === undefined ? '' : `: --${missing} ${option.argument}`}`,
    );
  }
  const flags: Record<string, readonly string[] | boolean> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const option = known.find(({ flag }) => flag === name);
    if (name === '_') continue;
    if (option === undefined) problems.push(unknownFlag(name, value, argv, known, help));
    else if (option.kind === 'boolean') flags[name] = lastOf(value) !== false;
    else if (value === false) problems.push(`--no-${name} is not a flag; --${name} takes a value`);
    else flags[name] = (Array.isArray(value) ? value : [value]).map(String);
  }
  if (problems.length > 0) throw new ConfigError(problems, 'ERR_USAGE');
  return { flags, words: parsed._.map(String) };
}

/** `-c5` and `-ofile.db` to `-c 5` and `-o file.db`: yargs would read the letters as flags. */
function separateShort(argv: readonly string[], valued: readonly Flag[]): string[] {
  const result: string[] = [];
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  for (const [index, argument] of argv.entries()) {
    const before = argv[index - 1] ?? '';
    const isValue =
      index > 0 && valued.some(({ flag, short }) => before === `--${flag}` || before === `-${String(short)}`);
    const joined = index < end && !isValue ? /^-([A-Za-z])([^=].*)$/s.exec(argument) : null;
    if (joined !== null && valued.some(({ short }) => short === joined[1])) {
      result.push(`-${joined[1] ?? ''}`, joined[2] ?? '');
    } else {
      result.push(argument);
    }
  }
  return result;
}

function unknownFlag(
  name: string,
  value: unknown,
  argv: readonly string[],
  known: readonly Flag[],
  help: string,
): string {
  const negated = value === false && argv.some((argument) => argument.startsWith(`--no-${name}`));
  const typed = name.length === 1 ? `-${name}` : `--${negated ? 'no-' : ''}${name}`;
  const names = known.map((option) => `--${option.negated === true ? 'no-' : ''}${option.flag}`);
  const remedy = name.length === 1 ? '' : didYouMean(typed, names);
  return `${typed} is not a flag of this command${remedy === '' ? `; see ${help}` : remedy}`;
}

function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}
