/** User-defined extraction, after validation: a data set gives rows, a rule gives one field of a row. */
export interface ExtractRule {
  /** CSS selector, relative to the row where the data set has `rows`. */
  readonly selector: string;
  /** Attribute to take instead of the text. `href` and `src` are resolved against the page's base. */
  readonly attribute: string | null;
  /** All matches as a list instead of the first. */
  readonly list: boolean;
}

export interface ExtractDataset {
  readonly name: string;
  /** Selector of the elements that become one row each; `null` = one row for the page (only if any field matched). */
  readonly rows: string | null;
  readonly fields: Readonly<Record<string, ExtractRule>>;
}
