/**
 * Export: templates of file names, as `{name}.html` or `{host}/{path}`. In: the template, a page's values. Out: the parts of a
 * path below the output folder, each safe. Only a `/` of the template itself or of `{path}` makes a folder.
 */
import { ConfigError } from '../model/errors.ts';
import { byteLength, safePart } from './safe-name.ts';

/** A file as its URL says, in a folder a host. */
export const DEFAULT_TEMPLATE = '{host}/{path}';

/** Longest path below the folder, in bytes: systems take 1,024 (macOS) or 4,096 (Linux) in all. */
const MOST_PATH_BYTES = 800;

type Piece = { readonly text: string } | { readonly field: string };

export class NameTemplate {
  readonly text: string;
  readonly fields: readonly string[];
  readonly #pieces: readonly Piece[];

  /** @throws {ConfigError} `ERR_USAGE` where it can name no file in the folder. */
  constructor(text: string) {
    const pieces = Array.from(text.matchAll(/\{([^{}]*)\}|([^{}]+)|[{}]/g), ([whole, field, literal]): Piece => {
      if (field === undefined && literal === undefined) throw wrong(text, `has a ${whole} without its pair`);
      return field === undefined ? { text: whole } : { field };
    });
    // Values can do no harm; what the user wrote is refused rather than changed.
    const literals = pieces.map((piece) => ('text' in piece ? piece.text : 'x')).join('');
    const parts = literals.split('/');
    if (literals.startsWith('/')) throw wrong(text, 'must be relative to the folder of --output');
    if (parts.some((part) => part === '.' || part === '..')) throw wrong(text, 'must stay in the folder of --output');
    if (parts.at(-1) === '') throw wrong(text, "must end in a file's name");
    this.text = text;
    this.#pieces = pieces;
    this.fields = pieces.flatMap((piece) => ('field' in piece ? [piece.field] : []));
  }

  /** `valueOf` gives the parts of a field's value, at least one. */
  fill(valueOf: (field: string) => readonly string[]): string[] {
    const parts = [''];
    for (const piece of this.#pieces) {
      const [first = '', ...more] = 'text' in piece ? piece.text.split('/') : valueOf(piece.field);
      parts.push((parts.pop() ?? '') + first, ...more);
    }
    const file = parts.pop() ?? '';
    // `//` of a URL makes no folder without a name.
    return withinLength([...parts.filter((part) => part !== ''), file].map(safePart));
  }
}

/** Where a path is too long its deepest folders are left out. */
function withinLength(parts: string[]): string[] {
  const file = parts.at(-1) ?? '';
  let bytes = byteLength(file);
  const folders = parts.slice(0, -1);
  const tooMany = folders.findIndex((part) => (bytes += byteLength(part) + 1) > MOST_PATH_BYTES);
  return tooMany < 0 ? parts : [...folders.slice(0, tooMany), file];
}

function wrong(text: string, problem: string): ConfigError {
  return new ConfigError([`name ${problem}, got "${text}" (--name; an example is '{host}/{path}')`], 'ERR_USAGE');
}
