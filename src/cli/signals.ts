/**
 * Command line: Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed. The first ends the run after what is in flight, the second aborts that too, the third
 * exits at once; each leaves a file that resumes exactly. Before the engine runs, the first one exits: nothing has begun.
 */
import type { CrawlRun } from '../engine/api.ts';
import { EXIT } from './exit-codes.ts';

export interface SignalWatch {
  /** Hands over the run that signals end. */
  attach(run: CrawlRun): void;
  /** Code of the first signal received; `null` = none came. */
  readonly exitCode: number | null;
  /** Gives the signals back to the system. */
  stop(): void;
}

/** Watches from now on. `say` gets one line for each signal. */
export function watchSignals(say: (text: string) => void): SignalWatch {
  let run: CrawlRun | null = null;
  let received = 0;
  let exitCode: number | null = null;

  const onSignal = (name: string, code: number): void => {
    received++;
    exitCode ??= code;
    if (run === null || received > 2) process.exit(exitCode);
    if (received === 1) {
      say(`${name}: finishing what is in flight (10 s at most); once more stops at once`);
      run.drain(name);
    } else {
      say(`${name}: stopping now; the same command goes on where this ends`);
      run.abort(name);
    }
  };
  const onInterrupt = (): void => onSignal('SIGINT', EXIT.sigint);
  const onTerminate = (): void => onSignal('SIGTERM', EXIT.sigterm);
  const onHangUp = (): void => onSignal('SIGHUP', EXIT.sighup);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGHUP', onHangUp);

  return {
    attach: (started) => {
      run = started;
    },
    get exitCode() {
      return exitCode;
    },
    stop: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      process.off('SIGHUP', onHangUp);
    },
  };
}
