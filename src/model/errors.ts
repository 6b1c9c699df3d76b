/**
 * Exceptions: for wrong input, a broken environment and bugs. What happens to a URL is a value (`Outcome`), never one of these.
 * Match on `code`, not on `instanceof`: codes survive copies of the package and thread boundaries.
 */

export type CrawlErrorCode =
  | 'ERR_USAGE' // a command line that cannot be understood
  | 'ERR_CONFIG' // a config file, environment variable or option with a wrong key or value
  | 'ERR_INPUT' // a URL list that is missing, empty, binary, or not the one this file was made from
  | 'ERR_STORE' // the database: not ours, corrupt, newer, read-only, full
  | 'ERR_LOCKED' // another run holds the database
  | 'ERR_NOT_FOUND' // the thing asked for is not in the database
  | 'ERR_CANCELLED' // the caller's signal
  | 'ERR_CLOSED' // a queue, pool or semaphore was used after close
  | 'ERR_DEADLOCK' // a caller would wait for a lock that it holds itself
  | 'ERR_INTERNAL';

/** Base of all exceptions this package throws. `message` says what failed, where, the value got and what to do. */
export class CrawlError extends Error {
  override readonly name: string = 'CrawlError';
  readonly code: CrawlErrorCode;

  constructor(code: CrawlErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Wrong usage, configuration or input: exit code 2. `problems` lists all of them, one line each. */
export class ConfigError extends CrawlError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], code: 'ERR_CONFIG' | 'ERR_USAGE' | 'ERR_INPUT' = 'ERR_CONFIG') {
    super(code, problems.join('\n'));
    this.problems = problems;
  }
}

/** The database cannot be used: exit code 5. */
export class StoreError extends CrawlError {
  override readonly name = 'StoreError';

  constructor(message: string, options?: { cause?: unknown; code?: 'ERR_STORE' | 'ERR_LOCKED' | 'ERR_NOT_FOUND' }) {
    super(options?.code ?? 'ERR_STORE', message, options);
  }
}

/** The caller's `AbortSignal` fired. */
export class CancelledError extends CrawlError {
  override readonly name = 'CancelledError';

  constructor(message = 'cancelled') {
    super('ERR_CANCELLED', message);
  }
}

/** The form in which an error crosses a thread boundary: `instanceof` does not survive it, `code` does. */
export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code;
    return { code: typeof code === 'string' ? code : 'ERR_INTERNAL', message: error.message, stack: error.stack };
  }
  return { code: 'ERR_INTERNAL', message: String(error) };
}

/** Rebuilds an exception on the receiving side of a thread boundary. */
export function fromErrorMessage(message: ErrorMessage): CrawlError {
  switch (message.code) {
    case 'ERR_STORE':
    case 'ERR_LOCKED':
    case 'ERR_NOT_FOUND':
      return new StoreError(message.message, { code: message.code, cause: message.stack });
    case 'ERR_CONFIG':
    case 'ERR_USAGE':
    case 'ERR_INPUT':
      return new ConfigError(message.message.split('\n'), message.code);
    default:
      return new CrawlError('ERR_INTERNAL', message.message, { cause: message.stack });
  }
}
