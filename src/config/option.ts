/**
 * Config: what one record of the option table says. The table (`options.ts`) feeds the flag parser, the config schema,
 * the environment names, `--help` and the README's reference; nothing about an option is written anywhere else.
 */

/** How a value is written and what it becomes. */
export type OptionKind =
  /** `30s` → integer ms. */
  | 'duration'
  /** `10MB` → integer bytes. */
  | 'size'
  /** `2/s` → number per second. */
  | 'rate'
  /** A number from 0 to 1. */
  | 'fraction'
  /** Integer ≥ `min`, or one of `words`. */
  | 'integer'
  /** One of `words`. */
  | 'enum'
  | 'text'
  /** Text, or a 1-based number. */
  | 'column'
  | 'boolean'
  /** Texts; the flag is repeatable. `paths` are resolved against their own place. */
  | 'list'
  | 'paths'
  /** One file path. */
  | 'path'
  /** URL of a proxy. */
  | 'proxy'
  /** Header names and values. */
  | 'headers'
  /** Headers by origin (`origin-headers.ts`). */
  | 'origin-headers'
  /** Settings of single hosts (`host-rules.ts`). */
  | 'hosts'
  /** Extraction rules (`extract.ts`). */
  | 'extract';

/** Headings of `--help`, in order. */
export const OPTION_GROUPS = [
  'Input',
  'Limits',
  'Fetching',
  'Politeness',
  'Parsing',
  'Storage',
  'Display',
  'Misc',
] as const;

export type OptionGroup = (typeof OPTION_GROUPS)[number];

export interface Option {
  /** Section and key in a config file, as `fetch.max-size`; `null` for a flag that is no setting (`--config`). */
  readonly path: string | null;
  /** Long flag without dashes; `null` for a key that has no flag (settable with `--set`). */
  readonly flag: string | null;
  readonly short?: string;
  readonly group: OptionGroup;
  readonly kind: OptionKind;
  /** Placeholder of the value in `--help`. */
  readonly argument?: string;
  readonly words?: readonly string[];
  /** Smallest and largest integer, duration (ms) or size (bytes). */
  readonly min?: number;
  readonly max?: number;
  /** As it would be written in a config file; `null` = unset. */
  readonly default: string | number | boolean | null;
  /** Shown instead of `default` where that says too little. */
  readonly defaultText?: string;
  /** The flag is written `--no-…` and turns the key off. */
  readonly negated?: boolean;
  /** One line. */
  readonly help: string;
  /** More, for the README and `crawl help all`. */
  readonly more?: string;
}
