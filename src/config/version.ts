/** Config: this package's version, read once from its package.json (which lies two folders up from `src/` and `dist/` alike). */
import { readFileSync } from 'node:fs';

let known: string | undefined;

/** Version of this package, for `-V`, the user agent and the `run` table. */
export function packageVersion(): string {
  if (known === undefined) {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const version = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
    known = typeof version === 'string' ? version : '0.0.0';
  }
  return known;
}
