/**
 * Laboratory: the time of a schedule. On the virtual clock a wait of two seconds takes none: when nobody can run, time
 * jumps to the next timer. On the real one it takes two seconds. Experiments do not see the difference.
 */
import { ManualClock, systemClock, type Clock } from '../../model/clock.ts';

export interface LabClock extends Clock {
  readonly isVirtual: boolean;
  /** Milliseconds since the start. */
  elapsed(): number;
  /** Whether a timer is still to fire. */
  readonly hasTimers: boolean;
  /** Virtual: jumps to the next timer and runs it. Real: does nothing, time passes by itself. */
  jump(): void;
}

/** Jumps. */
export function virtualClock(): LabClock {
  const clock = new ManualClock();
  return {
    isVirtual: true,
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
    elapsed: () => clock.now(),
    get hasTimers() {
      return clock.nextTimerAt() !== null;
    },
    jump: () => clock.advance(Math.max(0, (clock.nextTimerAt() ?? 0) - clock.now())),
  };
}

/** Passes. `onTimer` is told of each timer that has fired. */
export function realClock(onTimer: () => void): LabClock {
  const startedAt = systemClock.now();
  let timers = 0;
  return {
    isVirtual: false,
    now: () => systemClock.now(),
    wallTime: () => systemClock.wallTime(),
    after(delayMs, callback) {
      timers++;
      let isOver = false;
      /** Once: by the timer itself, or by whoever cancels it. */
      const end = (): boolean => {
        if (isOver) return false;
        isOver = true;
        timers--;
        return true;
      };
      const timer = systemClock.after(delayMs, () => {
        if (end()) callback();
        onTimer();
      });
      return {
        cancel: () => {
          timer.cancel();
          if (end()) onTimer();
        },
      };
    },
    elapsed: () => systemClock.now() - startedAt,
    get hasTimers() {
      return timers > 0;
    },
    jump: () => undefined,
  };
}
