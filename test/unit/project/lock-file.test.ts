import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly gypfile?: boolean }>>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile;
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;

// npm takes a package with a binding.gyp for one that must be built, unless the lock file's own entry says otherwise: then
// `npm ci` needs Python, make and a compiler, although better-sqlite3 brings its binaries along. `npm install` drops the
// entry; put it back.
test('the lock file keeps npm from compiling better-sqlite3', () => {
  expect(lock.packages['node_modules/better-sqlite3']?.gypfile).toBe(false);
});

test('every dependency is pinned to one version, the one in the lock file', () => {
  for (const group of ['dependencies', 'devDependencies']) {
    for (const [name, version] of Object.entries(manifest[group] ?? {})) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+/);
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
    }
  }
});
