/**
 * Command line: the two output streams. Data goes to stdout, everything else to stderr. A reader that goes away (`| head`)
 * is no error: the stream is closed quietly, `onClosed` is told, and later writes are dropped. A stream that fails otherwise (a
 * full disk behind a redirection) is closed as well: messages are lost without more ado, lost data is `lostData`.
 */
import type { Writable } from 'node:stream';

type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Takes the line that is being written in place away. */
export const ERASE_LINE = '\r\u001B[K';

/** Width where it cannot be known. */
const COLUMNS = 80;

export class Terminal {
  readonly #stdout: Output;
  readonly #stderr: Output;
  #stdoutClosed = false;
  #stderrClosed = false;
  #lostData: Error | null = null;
  /** Called once when either stream's reader has gone, or stdout takes nothing more. */
  onClosed: (() => void) | null = null;

  constructor(stdout: Output, stderr: Output) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    stdout.on('error', (error) => {
      this.#stdoutClosed = true;
      if (!hasNoReader(error)) this.#lostData ??= error;
      this.#tellClosed();
    });
    stderr.on('error', (error) => {
      this.#stderrClosed = true;
      if (hasNoReader(error)) this.#tellClosed();
    });
  }

  /** Why data written to stdout was lost; `null` where it was not, or nobody wanted it any more. */
  get lostData(): Error | null {
    return this.#lostData;
  }

  get isStdoutTTY(): boolean {
    return this.#stdout.isTTY === true;
  }

  get isStderrTTY(): boolean {
    return this.#stderr.isTTY === true;
  }

  get stdoutColumns(): number {
    return widthOf(this.#stdout);
  }

  get stderrColumns(): number {
    return widthOf(this.#stderr);
  }

  /** True once nobody reads stdout any more: there is no point in making further data. */
  get isStdoutClosed(): boolean {
    return this.#stdoutClosed;
  }

  /**
   * Data, as it is. A file takes it at once; what a slow reader of a pipe has not taken yet is kept in memory, so whoever
   * writes much awaits `drained` now and then.
   */
  data(chunk: string | Uint8Array): void {
    if (!this.#stdoutClosed) this.#stdout.write(chunk);
  }

  /** One line of data. */
  line(text: string): void {
    this.data(`${text}\n`);
  }

  /** One line for people, on stderr. */
  say(text: string): void {
    this.status(`${text}\n`);
  }

  /** Text for people without a line break, on stderr. */
  status(text: string): void {
    if (!this.#stderrClosed) this.#stderr.write(text);
  }

  /** Whether stdout's reader is behind: time to await `drained`. */
  get isStdoutFull(): boolean {
    return !this.#stdoutClosed && this.#stdout.writableNeedDrain;
  }

  /** Resolves when stdout takes more, or nobody reads it any more; at the earliest after other events had their turn. */
  async drained(): Promise<void> {
    // Without this turn a loop of synchronous writes would never hear that its reader has gone.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.isStdoutFull) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#stdout.off('drain', go).off('close', go).off('error', go);
        resolve();
      };
      this.#stdout.on('drain', go).on('close', go).on('error', go);
    });
  }

  /** Resolves when everything written has left the process, or cannot. */
  async flushed(): Promise<void> {
    // A file's write fails at once, but says so only in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([this.#stdout, this.#stderr].map((stream) => lastWrite(stream)));
  }

  #tellClosed(): void {
    const told = this.onClosed;
    this.onClosed = null;
    told?.();
  }
}

function hasNoReader(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE';
}

function widthOf(stream: Output): number {
  // Some pseudo-terminals say 0.
  return stream.columns === undefined || stream.columns <= 0 ? COLUMNS : stream.columns;
}

function lastWrite(stream: Output): Promise<void> {
  return new Promise((resolve) => {
    // The callback comes after all earlier writes, also with an error.
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
