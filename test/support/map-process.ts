/** A process that puts its argument into the map of the process that forked it. */
import { processEndpoint } from '../../src/concurrency/threads/endpoint.ts';
import { SharedMapClient } from '../../src/concurrency/threads/shared-map.ts';

const key = process.argv[2] ?? '';
const map = new SharedMapClient(processEndpoint(process));
await map.set(key, 1);
await map.append('order', key);
map.close();
