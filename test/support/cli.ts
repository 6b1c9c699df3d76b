/**
 * Tests of the command line: a folder of its own and the program as a process, as a user has them.
 *
 *   await using folder = await cliFolder();
 *   await folder.write('list.txt', 'http://127.0.0.1:1/\n');
 *   const { code, stdout, stderr } = await folder.crawl('--urls', 'list.txt');
 *
 * The folder goes away at the end of the block, and with it every process that still runs in it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/main.ts';
import { Terminal } from '../../src/cli/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/crawl.js', import.meta.url));

export interface CliResult {
  /** `null` where a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Limit of open files (ulimit -n). */
  readonly openFiles?: number;
  /** Kills the process by SIGKILL after this time, so that a hanging test names its command line. */
  readonly timeoutMs?: number;
}

/** A process that is still running. */
export interface RunningCli {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
  /** Resolves once stderr and stdout together contain `text`; rejects if the process ends before. */
  saying(text: string): Promise<void>;
}

export interface CliFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, content: string): Promise<string>;
  /** Runs `crawl` with these arguments to its end. */
  crawl(...args: string[]): Promise<CliResult>;
  crawlWith(options: CliOptions, ...args: string[]): Promise<CliResult>;
  start(options: CliOptions, ...args: string[]): RunningCli;
  /**
   * The same command line within this process, which has loaded the program already: 5 ms instead of 300. For commands that fetch
   * nothing; that they do as much in a process of their own is a matter of `bin/crawl.js`, which other tests run.
   */
  ask(...args: string[]): Promise<CliResult>;
  askWith(options: Pick<CliOptions, 'env'> & { readonly isTTY?: boolean }, ...args: string[]): Promise<CliResult>;
}

/** A new empty folder to run the program in. */
export async function cliFolder(): Promise<CliFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-cli-test-'));
  const running = new Set<ChildProcess>();
  const start = (options: CliOptions, ...args: string[]): RunningCli => {
    const { openFiles } = options;
    const program = [process.execPath, PROGRAM, ...args];
    // The shell sets the limit and then becomes the program: the same process, for signals too.
    const limited = ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh', ...program];
    const [command = '', ...rest] = openFiles === undefined ? program : limited;
    const child = spawn(command, rest, { cwd: folder, env: environment(options.env) });
    running.add(child);
    child.once('close', () => running.delete(child));
    return watch(child, options);
  };
  const crawlWith = (options: CliOptions, ...args: string[]): Promise<CliResult> => start(options, ...args).result;
  return {
    path: folder,
    write: async (name, content) => {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    crawl: (...args) => crawlWith({}, ...args),
    crawlWith,
    start,
    ask: (...args) => askIn(folder, {}, args),
    askWith: (options, ...args) => askIn(folder, options, args),
    [Symbol.asyncDispose]: async () => {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function askIn(
  cwd: string,
  { env = {}, isTTY = false }: Parameters<CliFolder['askWith']>[0],
  argv: readonly string[],
): Promise<CliResult> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  for (const stream of [out, err]) Object.assign(stream, { isTTY, columns: 200 });
  const said = Promise.all([text(out), text(err)]);
  const code = await runCommandLine(argv, { env, cwd, terminal: new Terminal(out, err) });
  out.end();
  err.end();
  const [stdout, stderr] = await said;
  return { code, signal: null, stdout, stderr };
}

/** The tester's own settings must not reach the program. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('CRAWL_'));
  return { ...Object.fromEntries(own), ...extra };
}

function watch(child: ChildProcess, { stdin, timeoutMs = 100_000 }: CliOptions): RunningCli {
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const heard of listeners) heard();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const heard of listeners) heard();
  });
  child.stdin?.on('error', () => undefined); // a program that ends without reading its input
  child.stdin?.end(stdin ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
  const saying = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const heard = (): void => {
        if (!stdout.includes(text) && !stderr.includes(text)) return;
        listeners.delete(heard);
        resolve();
      };
      listeners.add(heard);
      heard();
      child.once('close', () => reject(new Error(`it ended without saying "${text}":\n${stdout}${stderr}`)));
    });
  return { child, result, saying };
}
