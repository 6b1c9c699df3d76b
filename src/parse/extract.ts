/**
 * Users' own rules: rows of named fields, taken from a page by CSS selectors.
 *
 * In: the decoded page and a resolver for its links. Out: items. This is the one place that builds a tree (cheerio), about
 * ten times the cost of the whole rest of parsing, so it is loaded and used only where there are rules.
 * What a rule throws is thrown on: the caller records it for this page alone.
 */
import type { CheerioAPI } from 'cheerio';
import type { ExtractDataset, ExtractRule } from '../model/extract-rule.ts';
import type { ExtractedItem } from '../model/page.ts';
import { collapse } from './visible-text.ts';

type Fields = Record<string, string | readonly string[] | null>;

/** Any node set of cheerio; the concrete node type belongs to a package that is not ours. */
type Nodes = ReturnType<CheerioAPI>;

/** Attributes that hold a URL. */
const URL_ATTRIBUTES = new Set(['href', 'src']);

/** Absolute form of an href as written, or `null` where it is none. */
type ResolveHref = (href: string) => string | null;

export class Extractor {
  readonly #load: (html: string) => CheerioAPI;
  readonly #datasets: readonly ExtractDataset[];

  private constructor(load: (html: string) => CheerioAPI, datasets: readonly ExtractDataset[]) {
    this.#load = load;
    this.#datasets = datasets;
  }

  /** Loads cheerio (about 160 ms, 18 MB). */
  static async create(datasets: readonly ExtractDataset[]): Promise<Extractor> {
    const { load } = await import('cheerio');
    return new Extractor((html) => load(html), datasets);
  }

  extract(html: string, resolve: ResolveHref): ExtractedItem[] {
    const $ = this.#load(html);
    return this.#datasets.flatMap((dataset) => {
      const rows = dataset.rows === null ? [$.root() as unknown as Nodes] : eachOf($, $(dataset.rows));
      const items = rows.map((row) => fieldsOf($, row, dataset, resolve));
      return items
        .filter((fields) => dataset.rows !== null || hasValue(fields))
        .map((fields) => ({ dataset: dataset.name, fields }));
    });
  }
}

function eachOf($: CheerioAPI, nodes: Nodes): Nodes[] {
  return nodes.toArray().map((node) => $(node) as Nodes);
}

function fieldsOf($: CheerioAPI, row: Nodes, dataset: ExtractDataset, resolve: ResolveHref): Fields {
  const fields: Fields = {};
  for (const [name, rule] of Object.entries(dataset.fields)) {
    // `:scope` is the row itself, which a search below the row does not find.
    const found = rule.selector === ':scope' ? row : (row.find(rule.selector) as Nodes);
    fields[name] = rule.list
      ? eachOf($, found)
          .map((node) => valueOf(node, rule, resolve))
          .filter((value) => value !== null)
      : found.length === 0
        ? null
        : valueOf(found.first(), rule, resolve);
  }
  return fields;
}

function valueOf(node: Nodes, rule: ExtractRule, resolve: ResolveHref): string | null {
  if (rule.attribute === null) return collapse(node.text(), Infinity);
  const value = node.attr(rule.attribute);
  if (value === undefined) return null;
  return URL_ATTRIBUTES.has(rule.attribute) ? resolve(value) : value;
}

function hasValue(fields: Fields): boolean {
  return Object.values(fields).some((value) => value !== null && value.length > 0);
}
