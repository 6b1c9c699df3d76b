/** Entry of a parser thread: see `serve.ts`. */
import { parentPort } from 'node:worker_threads';
import { serve } from './serve.ts';

if (parentPort === null) throw new Error('parse/worker.ts runs as a worker thread only');
serve(parentPort);
