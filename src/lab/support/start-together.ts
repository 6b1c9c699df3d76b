/**
 * Laboratory: starts the threads of a race while they really run at the same time.
 *
 * On a busy machine two threads that are "started together" often run one after the other: each is done before the other
 * gets a core, and no race shows. So the first two to come throw a ball to and fro. As long as a return takes longer than
 * any core needs to see another's store, one of them is not running; once twenty returns in a row are quick, both are, and
 * they start at that very moment. The others sleep until then. Called by each thread with the same four cells.
 */
import type { Cell } from '../../concurrency/threads/shared-wait.ts';

type Gate = Cell['cells'];

/** Cells of a gate, all 0 before the start. */
export const GATE_CELLS = 4;
const [ARRIVED, PING, PONG, OPEN] = [0, 1, 2, 3] as const;

const RETURNS = 20;
const QUICK_MS = 0.05;
/** After this it starts all the same: a machine with one core never runs two threads at once. */
const PATIENCE_MS = 200;

/** Blocks until all `parties` threads are here and two of them are seen running at once. */
export function startTogether(gate: Gate, parties: number): void {
  const place = Atomics.add(gate, ARRIVED, 1);
  if (place === 0) throwBall(gate, parties);
  else if (place === 1) returnBall(gate);
  // Not notified: a thread that wakes takes the core from one of the two that are to run now.
  else while (Atomics.load(gate, OPEN) === 0) Atomics.wait(gate, OPEN, 0, 5);
}

function throwBall(gate: Gate, parties: number): void {
  while (Atomics.load(gate, ARRIVED) < parties) Atomics.wait(gate, OPEN, 0, 1);
  if (parties > 1) waitUntilBothRun(gate);
  Atomics.store(gate, OPEN, 1);
}

function waitUntilBothRun(gate: Gate): void {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let quick = 0;
  for (let ball = 1; quick < RETURNS; ball++) {
    const thrownAt = performance.now();
    Atomics.store(gate, PING, ball);
    let now = thrownAt;
    while (Atomics.load(gate, PONG) !== ball && now < giveUpAt) now = performance.now();
    if (now >= giveUpAt) return;
    quick = now - thrownAt < QUICK_MS ? quick + 1 : 0;
  }
}

function returnBall(gate: Gate): void {
  while (Atomics.load(gate, OPEN) === 0) Atomics.store(gate, PONG, Atomics.load(gate, PING));
}
