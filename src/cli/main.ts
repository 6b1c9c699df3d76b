/**
 * Command line: from argv to an exit code. Finds the command, parses its arguments, runs it, and turns whatever it throws
 * into one message and one code: nothing prints a stack trace unless CRAWL_DEBUG=1. `main` does so for the process, whose
 * `process.exitCode` it sets; the caller is `bin/crawl.js`.
 */
import { packageVersion } from '../config/version.ts';
import { ConfigError, CrawlError } from '../model/errors.ts';
import { escapeBlock } from '../report/escape.ts';
import type { Command, Invocation } from './command.ts';
import { findCommand } from './commands.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';
import { commandHelp } from './help.ts';
import { Terminal } from './terminal.ts';

/** How long a handle that nobody closed (a terminal as stdin) may keep the finished process alive. */
const LINGER_MS = 500;

/** Runs the command line of this process. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  const terminal = new Terminal(process.stdout, process.stderr);
  const code = await runCommandLine(argv, { env: process.env, cwd: process.cwd(), terminal });
  process.exitCode = code;
  setTimeout(() => process.exit(code), LINGER_MS).unref();
}

/** Where a command line is run. */
export type Surroundings = Pick<Invocation, 'env' | 'cwd' | 'terminal'>;

/** From a command line to its exit code; by then all is written that it had to say. Never rejects. */
export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<number> {
  const { terminal } = around;
  let code: number;
  try {
    code = await dispatch(argv, around);
  } catch (thrown) {
    const error = withRemedy(thrown);
    code = exitCodeOfError(error);
    for (const line of errorLines(error, code, around.env)) terminal.say(escapeBlock(line));
  }
  await terminal.flushed();
  if (terminal.lostData !== null && (code === EXIT.finished || code === EXIT.limit)) {
    code = EXIT.storage;
    terminal.say(
      `crawl: standard output could not be written, so some of it is missing (${terminal.lostData.message})`,
    );
    await terminal.flushed();
  }
  return code;
}

async function dispatch(argv: readonly string[], around: Surroundings): Promise<number> {
  const { terminal } = around;
  const named = findCommand(argv[0] ?? '');
  const command = named ?? findCommand('run');
  if (command === undefined) throw new Error('the table of commands has no run');
  const rest = named === undefined ? argv : argv.slice(1);
  const help = command.name === 'run' ? 'crawl --help' : `crawl ${command.name} --help`;
  const narrowed = { ...command, ...(await command.narrowed?.(rest)) };
  if (asksFor(rest, '-h', '--help')) {
    terminal.data(commandHelp(narrowed));
    return EXIT.finished;
  }
  if (asksFor(rest, '-V', '--version')) {
    terminal.line(packageVersion());
    return EXIT.finished;
  }
  await command.warmUp?.();
  const { parseArguments } = await import('./arguments.ts');
  const { flags, words } = parseArguments(narrowed.options, rest, help);
  if (named === undefined) refuseCommands(words);
  if (words.length > command.maxWords) {
    throw new ConfigError([`${String(words[command.maxWords])} is one word too many: ${command.usage}`], 'ERR_USAGE');
  }
  const run = await command.load();
  return await run({ flags, words, argv, ...around });
}

/** No file could be opened, not even one of this program's: no defect of it. */
function withRemedy(error: unknown): unknown {
  const isOurs = error instanceof CrawlError && error.code !== 'ERR_INTERNAL';
  if (isOurs || !(error instanceof Error) || !/EMFILE|too many open files/i.test(error.message)) return error;
  const problem = `${error.message}: allow this process more open files, such as ulimit -n 1024`;
  return new ConfigError([problem], 'ERR_USAGE');
}

/** Help is given also where the rest of the line is wrong. */
function asksFor(argv: readonly string[], short: string, long: string): boolean {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  return flags.includes(short) || flags.includes(long);
}

/** A command among the words of a run is a slip: it is not fetched as a host of that name. */
function refuseCommands(words: readonly string[]): void {
  const misplaced: Command | undefined = words.map(findCommand).find((command) => command !== undefined);
  if (misplaced === undefined) return;
  throw new ConfigError([`the command stands first: crawl ${misplaced.name} …`], 'ERR_USAGE');
}

function errorLines(error: unknown, code: number, env: Surroundings['env']): string[] {
  const lines = messageLines(error);
  if (code === EXIT.internal) lines.push('  this is a defect of the program; CRAWL_DEBUG=1 shows where it arose');
  if (env['CRAWL_DEBUG'] === '1' && error instanceof Error) lines.push(debugText(error));
  return lines;
}

function messageLines(error: unknown): string[] {
  const problems = (error as { problems?: unknown } | null)?.problems;
  if (Array.isArray(problems) && problems.length > 1) {
    return [`crawl: ${String(problems.length)} problems:`, ...problems.map((problem) => `  - ${String(problem)}`)];
  }
  return [`crawl: ${error instanceof Error ? error.message : String(error)}`];
}

function debugText(error: Error): string {
  const { cause } = error;
  if (cause === undefined) return String(error.stack);
  // Across threads the stack comes as text.
  return `${String(error.stack)}\ncaused by: ${cause instanceof Error ? String(cause.stack) : JSON.stringify(cause)}`;
}
