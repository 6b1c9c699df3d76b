/**
 * Data of public test suites, which this repository does not contain: they lie beside it in `../shared/suites`, or where the
 * environment variable WEIR_SUITES says. Where they are missing the test says so loudly and runs its own cases.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SUITES_FOLDER: string = process.env['WEIR_SUITES'] ?? join(import.meta.dirname, '../../../shared/suites');

/** The cases of one JSON file of a suite, for the caller to say what they look like; none where it is missing. */
export function suiteCases(file: string): readonly unknown[] {
  const path = join(SUITES_FOLDER, file);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as unknown[];
  console.warn(`\n### suite ${file} NOT FOUND at ${path}: its cases were not run ###\n`);
  return [];
}
