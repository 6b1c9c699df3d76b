/** Laboratory: where the tasks for pools are: `tasks/NAME`, as source or as built. */
import { extname } from 'node:path';

export function taskModule(name: string): URL {
  return new URL(`../tasks/${name}${extname(import.meta.filename)}`, import.meta.url);
}
