import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { WarmWorker } from '../../../src/concurrency/threads/warm-worker.ts';

const ECHO = `require('node:worker_threads').parentPort.once('message', (word) => {
  require('node:worker_threads').parentPort.postMessage(word);
});`;

/** Counts what it starts. */
function stock(code = ECHO): { workers: Worker[]; warm: WarmWorker } {
  const workers: Worker[] = [];
  const warm = new WarmWorker(() => {
    const worker = new Worker(code, { eval: true });
    workers.push(worker);
    return worker;
  });
  return { workers, warm };
}

async function answerOf(worker: Worker, word: string): Promise<unknown> {
  worker.postMessage(word);
  const [answer] = (await once(worker, 'message')) as [unknown];
  await once(worker, 'exit');
  return answer;
}

describe('WarmWorker', () => {
  it('starts one worker however often it is warmed, and hands it out once', async () => {
    const { workers, warm } = stock();
    warm.warm();
    warm.warm();
    const first = warm.take();
    const second = warm.take();
    expect(workers).toEqual([first, second]);
    expect(await Promise.all([answerOf(first, 'a'), answerOf(second, 'b')])).toEqual(['a', 'b']);
  });

  it('starts a new one where the one that waited has died', async () => {
    const { workers, warm } = stock('throw new Error("broken");');
    warm.warm();
    // (`once` of node:events would reject with the error that comes before.)
    await new Promise((resolve) => workers[0]!.once('exit', resolve));
    const taken = warm.take();
    expect(taken).toBe(workers[1]);
    await expect(once(taken, 'online').then(() => once(taken, 'message'))).rejects.toThrow('broken');
  });

  it('ends the one that waits when nobody will take it', async () => {
    const { workers, warm } = stock();
    warm.warm();
    warm.cool();
    await once(workers[0]!, 'exit');
    const taken = warm.take();
    expect(taken).not.toBe(workers[0]);
    await taken.terminate();
  });
});
