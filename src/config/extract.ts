/**
 * Config: extraction rules as users write them, to `ExtractDataset`s. In: the `extract:` section of a config file or the
 * texts of `--extract`. Out: data sets by name, or problems, each with its place below the section. CSS itself is
 * checked by the caller's `checkSelector`, because the selector engine belongs to the parse stage.
 *
 *   extract:
 *     title: h1                       short form: a field of the data set `extracted`, one row a page
 *     products:                       a data set: one row for each element that `rows` selects (or one a page)
 *       rows: li.product
 *       fields: { name: h3, link: a@href, tags: { select: .tag, list: true } }
 */
import type { ExtractDataset, ExtractRule } from '../model/extract-rule.ts';
import { quote, UnitError } from './units.ts';

/** Where the short form and all `--extract` flags put their fields. */
export const FLAG_DATASET = 'extracted';

/** Data sets in the written form; the parsed form of the `extract` setting. */
export type ExtractSetting = Readonly<Record<string, ExtractDataset>>;

/** A problem at `at`, a path below `extract` ('' for the section itself). */
export interface ExtractProblem {
  readonly at: string;
  readonly message: string;
}

/** Each data set becomes a view: its name must be a plain word that our own tables and views do not use. */
const NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,62}$/u;
const TAKEN: ReadonlySet<string> = new Set(
  (
    'run input host origin url fetch body page link item stage_stat source pages sizes errors urls links hosts redirects ' +
    'broken_links duplicates skipped inputs items contents extract'
  ).split(' '),
);

/** `NAME=CSS`, `NAME=CSS@ATTR`, `NAME[]=CSS` to one field. @throws {UnitError} */
export function parseExtractFlag(text: string): { readonly name: string; readonly rule: ExtractRule } {
  const match = /^\s*([^=[\]\s]+)\s*(\[\])?\s*=\s*(\S.*)$/s.exec(text);
  if (match === null) {
    throw new UnitError(
      `must be NAME=CSS, NAME=CSS@ATTRIBUTE or NAME[]=CSS, such as 'price=.price', got ${quote(text)}`,
    );
  }
  return { name: match[1] ?? '', rule: selectorText(match[3] ?? '', match[2] !== undefined) };
}

/** All `--extract` flags of a command line as one data set. @throws {UnitError} for the first that cannot be read. */
export function extractFromFlags(texts: readonly string[]): ExtractSetting {
  const fields: Record<string, ExtractRule> = Object.create(null) as Record<string, ExtractRule>;
  for (const text of texts) {
    const { name, rule } = parseExtractFlag(text);
    const wrong = fieldNameProblem(name, Object.keys(fields));
    if (wrong !== null) throw new UnitError(`${wrong}, got ${quote(text)}`);
    fields[name] = rule;
  }
  return { [FLAG_DATASET]: { name: FLAG_DATASET, rows: null, fields } };
}

/** The `extract:` section. Returns what could be read together with every problem found. */
export function parseExtractSection(raw: unknown): { value: ExtractSetting; problems: readonly ExtractProblem[] } {
  const problems: ExtractProblem[] = [];
  const value: Record<string, ExtractDataset> = {};
  const short: Record<string, ExtractRule> = {};
  if (!isMap(raw)) {
    const message = `must be a map of data sets or of NAME: CSS, got ${quote(raw)}`;
    return { value, problems: [{ at: '', message }] };
  }
  for (const [name, entry] of Object.entries(raw)) {
    if (typeof entry === 'string') {
      readField(name, entry, name, short, problems);
    } else {
      const dataset = readDataset(name, entry, problems);
      if (value[name] === undefined) value[name] = dataset;
    }
  }
  if (Object.keys(short).length > 0) {
    if (value[FLAG_DATASET] !== undefined) {
      const message = `is the name under which NAME: CSS entries are kept; put those under ${FLAG_DATASET}.fields`;
      problems.push({ at: FLAG_DATASET, message });
    }
    value[FLAG_DATASET] = { name: FLAG_DATASET, rows: null, fields: short };
  }
  return { value, problems };
}

/** Back to the form of a config file. */
export function writeExtract(value: ExtractSetting): Record<string, unknown> {
  return Object.fromEntries(
    Object.values(value).map((dataset) => {
      const fields = Object.entries(dataset.fields).map(([name, rule]) => [name, writeRule(rule)]);
      return [
        dataset.name,
        { ...(dataset.rows === null ? {} : { rows: dataset.rows }), fields: Object.fromEntries(fields) },
      ];
    }),
  );
}

/** Every selector of the data sets with its place, for the check by the selector engine. */
export function* selectorsOf(value: ExtractSetting): Generator<{ readonly at: string; readonly selector: string }> {
  for (const dataset of Object.values(value)) {
    if (dataset.rows !== null) yield { at: `${dataset.name}.rows`, selector: dataset.rows };
    for (const [field, rule] of Object.entries(dataset.fields)) {
      yield { at: `${dataset.name}.fields.${field}`, selector: rule.selector };
    }
  }
}

function readDataset(name: string, entry: unknown, problems: ExtractProblem[]): ExtractDataset {
  const fields: Record<string, ExtractRule> = {};
  const nothing: ExtractDataset = { name, rows: null, fields };
  if (!NAME.test(name) || /^sqlite_/i.test(name)) {
    const message = 'is not a data set name: letters, digits, - and _, starting with a letter (it names a view)';
    problems.push({ at: name, message });
  } else if (TAKEN.has(name.toLowerCase())) {
    problems.push({ at: name, message: 'is the name of a table or view of this program; choose another' });
  }
  if (!isMap(entry)) {
    problems.push({ at: name, message: `must be a CSS selector or { rows, fields }, got ${quote(entry)}` });
    return nothing;
  }
  for (const key of Object.keys(entry)) {
    if (key !== 'rows' && key !== 'fields') {
      problems.push({ at: `${name}.${key}`, message: 'is not a key of a data set; the keys are rows and fields' });
    }
  }
  const rows = entry['rows'] ?? null;
  if (rows !== null && (typeof rows !== 'string' || rows.trim() === '')) {
    problems.push({ at: `${name}.rows`, message: `must be a CSS selector, got ${quote(rows)}` });
  }
  if (!isMap(entry['fields']) || Object.keys(entry['fields']).length === 0) {
    const message = `must be a map of at least one field: NAME: CSS, got ${quote(entry['fields'] ?? null)}`;
    problems.push({ at: `${name}.fields`, message });
    return nothing;
  }
  for (const [field, rule] of Object.entries(entry['fields'])) {
    readField(field, rule, `${name}.fields.${field}`, fields, problems);
  }
  return { name, rows: typeof rows === 'string' ? rows : null, fields };
}

function readField(
  name: string,
  raw: unknown,
  at: string,
  into: Record<string, ExtractRule>,
  problems: ExtractProblem[],
): void {
  const wrong = fieldNameProblem(name, Object.keys(into));
  if (wrong !== null) {
    problems.push({ at, message: wrong });
    return;
  }
  if (typeof raw === 'string' && raw.trim() !== '') {
    into[name] = selectorText(raw, false);
    return;
  }
  if (!isMap(raw) || typeof raw['select'] !== 'string') {
    problems.push({ at, message: `must be a CSS selector or { select, attr, list }, got ${quote(raw)}` });
    return;
  }
  for (const key of Object.keys(raw)) {
    if (key !== 'select' && key !== 'attr' && key !== 'list') {
      problems.push({ at: `${at}.${key}`, message: 'is not a key of a field; the keys are select, attr and list' });
    }
  }
  const { attr = null, list = false } = raw;
  if (attr !== null && (typeof attr !== 'string' || attr === '')) {
    problems.push({ at: `${at}.attr`, message: `must be the name of an attribute, got ${quote(attr)}` });
  }
  if (typeof list !== 'boolean')
    problems.push({ at: `${at}.list`, message: `must be true or false, got ${quote(list)}` });
  into[name] = { selector: raw['select'], attribute: typeof attr === 'string' ? attr : null, list: list === true };
}

function fieldNameProblem(name: string, earlier: readonly string[]): string | null {
  if (!NAME.test(name))
    return 'is not a field name: letters, digits, - and _, starting with a letter (it names a column)';
  const twice = earlier.find((other) => other.toLowerCase() === name.toLowerCase());
  return twice === undefined ? null : `is the same column as ${twice}; column names ignore case`;
}

/** `.link@href` is the attribute href of `.link`. An @ inside brackets (`[href="a@b"]`) is never followed by a bare name. */
function selectorText(text: string, list: boolean): ExtractRule {
  const match = /^(.*\S)\s*@([\w:-]+)$/s.exec(text.trim());
  if (match === null) return { selector: text.trim(), attribute: null, list };
  return { selector: match[1] ?? '', attribute: match[2] ?? null, list };
}

function writeRule(rule: ExtractRule): unknown {
  if (!rule.list && rule.attribute === null) return rule.selector;
  const attr = rule.attribute === null ? {} : { attr: rule.attribute };
  return { select: rule.selector, ...attr, ...(rule.list ? { list: true } : {}) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
