/**
 * Command line: the text of `--help`. In: the tables of commands and options. Out: text of at most 100 columns. Nothing
 * about an option is written here, so nothing can be missing or outdated.
 */
import { OPTION_GROUPS, type Option } from '../config/option.ts';
import { environmentName } from '../config/options.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT_CODE_TEXTS } from './exit-codes.ts';

const WIDTH = 100;
const FLAG_COLUMN = 36;

/** `crawl --help`: the purpose, three examples, the commands of a newcomer, the options of a run. */
export function newcomerHelp(): string {
  const run = COMMANDS[0];
  return joinBlocks([
    'crawl fetches every URL of a list and keeps pages, links and errors in one SQLite file.',
    `Usage: ${run?.usage ?? ''}\n       crawl COMMAND …`,
    `Examples:\n${exampleLines(run?.examples ?? [])}`,
    `Commands:\n${commandLines(COMMANDS.filter((command) => command.isForNewcomers))}`,
    optionBlocks(run?.options ?? [], false),
    'Durations: 500ms 30s 5m 2h. Sizes: 10MB (1,000s) 1GiB (1,024s).\ncrawl explain URL tells all that happened to a URL.\ncrawl help all shows the rest, crawl COMMAND --help one command.',
  ]);
}

/** `crawl help all`: every command with its own options, the long texts, environment and exit codes. */
export function fullHelp(): string {
  const run = COMMANDS[0];
  const shared = new Set(run?.options);
  const others = COMMANDS.filter((command) => command !== run).map((command) => {
    const ownOptions = command.options.filter((option) => !shared.has(option));
    return `${command.usage}\n  ${command.summary}\n${optionLines(ownOptions, false)}`.trimEnd();
  });
  return joinBlocks([
    'crawl fetches every URL of a list and keeps pages, links and errors in one SQLite file.',
    `Usage: ${run?.usage ?? ''}\n       crawl COMMAND …`,
    `Examples:\n${exampleLines(run?.examples ?? [])}`,
    `Commands:\n${commandLines(COMMANDS)}`,
    optionBlocks(run?.options ?? [], true),
    ...others,
    `Settings: flag, else environment (${environmentName('fetch.max-size')}=1MB), else config file (fetch: { max-size: 1MB }), else default.`,
    'Other variables: CRAWL_DB names the database of commands that read one; CRAWL_DEBUG=1 shows where an error arose.',
    `Exit codes:\n${EXIT_CODE_TEXTS.map(([code, text]) => `  ${code.padEnd(10)}${text}`).join('\n')}`,
  ]);
}

/** `crawl COMMAND --help`. */
export function commandHelp(command: Command): string {
  if (command.name === 'run') return newcomerHelp();
  return joinBlocks([
    `crawl ${command.name}: ${command.summary}.`,
    `Usage: ${command.usage}`,
    `Examples:\n${exampleLines(command.examples)}`,
    optionBlocks(command.options, false),
  ]);
}

function optionBlocks(options: readonly Option[], isLong: boolean): string {
  const groups = OPTION_GROUPS.map((group) => [group, options.filter((option) => option.group === group)] as const);
  return groups
    .filter(([, members]) => members.some(({ flag }) => flag !== null))
    .map(([group, members]) => `${group}:\n${optionLines(members, isLong)}`)
    .join('\n\n');
}

function optionLines(options: readonly Option[], isLong: boolean): string {
  return options
    .filter(({ flag }) => flag !== null)
    .map((option) => {
      const text = `${option.help}${defaultNote(option)}${isLong && option.more !== undefined ? `. ${option.more}` : ''}`;
      const flag = `  ${flagColumn(option)}`;
      const body = wrapped(text, FLAG_COLUMN);
      return flag.length < FLAG_COLUMN - 1 ? flag + body.slice(flag.length) : `${flag}\n${body}`;
    })
    .join('\n');
}

/** `-c, --concurrency N|auto`. */
function flagColumn(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const long = `--${option.negated === true ? 'no-' : ''}${String(option.flag)}`;
  return `${short}${long}${option.argument === undefined ? '' : ` ${option.argument}`}`;
}

function defaultNote(option: Option): string {
  if (option.defaultText !== undefined) return ` (default: ${option.defaultText})`;
  if (option.default === null || typeof option.default === 'boolean') return '';
  return ` (default: ${String(option.default)})`;
}

function exampleLines(examples: Command['examples']): string {
  return examples.map(([line, text]) => `  ${line}\n      ${text}`).join('\n');
}

function commandLines(commands: readonly Command[]): string {
  return commands.map((command) => `  ${command.name.padEnd(10)}${command.summary}`).join('\n');
}

/** `text` in lines of at most `WIDTH` columns, each indented by `indent`. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((text) => ' '.repeat(indent) + text).join('\n');
}

function joinBlocks(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}
