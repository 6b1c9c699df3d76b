/** Laboratory: tasks for pools of both kinds, those that wait and those that compute. */
export { here } from '../support/timed.ts';
export { hash } from './computing.ts';
export { wait } from './waiting.ts';
