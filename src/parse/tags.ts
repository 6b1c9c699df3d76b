/** What each HTML element means to the reader of pages (`html.ts`): who starts a new word, who hides its text, who is looked at. */

export const TITLE = 1;
export const H1 = 2;
export const ANCHOR = 3;
export const AREA = 4;
export const BASE = 5;
export const LINK = 6;
export const META = 7;
export const HTML = 8;
/** Its text is not shown to people. */
export const HIDDEN = 9;
/** As HIDDEN, and its content is inert: no links either. */
export const TEMPLATE = 10;
export const SVG = 11;

export interface TagInfo {
  readonly name: string;
  /** One of the numbers above; 0 = nothing but `block`. */
  readonly role: number;
  /** Separates words, whether it opens or closes. */
  readonly block: boolean;
  /** Has attributes that matter. */
  readonly attributes: boolean;
  /** Its content is text up to its own end tag (HTML standard §13.2.5.2–6). */
  readonly textOnly: boolean;
  /** Ends an `<svg>` it stands in (HTML standard §13.2.6.5, the start tags that break out of foreign content). */
  readonly leavesSvg: boolean;
}

const ROLES: Readonly<Record<string, number>> = {
  title: TITLE,
  h1: H1,
  a: ANCHOR,
  area: AREA,
  base: BASE,
  link: LINK,
  meta: META,
  html: HTML,
  script: HIDDEN,
  style: HIDDEN,
  noscript: HIDDEN,
  iframe: HIDDEN,
  noembed: HIDDEN,
  noframes: HIDDEN,
  template: TEMPLATE,
  svg: SVG,
};

const WITH_ATTRIBUTES = new Set([ANCHOR, AREA, BASE, LINK, META, HTML]);

const BLOCKS =
  `address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt
  fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input legend
  li listing main menu nav ol optgroup option p plaintext pre search section select summary table tbody td template textarea
  tfoot th thead title tr ul video audio canvas object xmp`.split(/\s+/);

const LEAVE_SVG = `b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing
  menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var`.split(/\s+/);

const TEXT_ONLY = ['script', 'style', 'title', 'textarea', 'iframe', 'noembed', 'noframes', 'xmp', 'plaintext'];

function tagTable(): Map<string, TagInfo> {
  const table = new Map<string, TagInfo>();
  for (const name of new Set([...Object.keys(ROLES), ...BLOCKS, ...LEAVE_SVG])) {
    const role = ROLES[name] ?? 0;
    table.set(name, {
      name,
      role,
      block: BLOCKS.includes(name),
      attributes: WITH_ATTRIBUTES.has(role),
      textOnly: TEXT_ONLY.includes(name),
      leavesSvg: LEAVE_SVG.includes(name),
    });
  }
  return table;
}

const LONGEST_NAME = 10;
/** Slots of the look-up table, a power of two: sparse, so that most names that mean nothing end at an empty one. */
const SLOTS = 1024;

interface Slot {
  readonly name: Uint8Array;
  /** Most names that share a slot differ in it. */
  readonly hash: number;
  readonly tag: TagInfo;
}

/** Open addressing: a name stands in the first free slot from its hash on. */
const TABLE: readonly (Slot | null)[] = lookupTable();

function lookupTable(): (Slot | null)[] {
  const table = Array.from<Slot | null>({ length: SLOTS }).fill(null);
  for (const tag of tagTable().values()) {
    const name = Buffer.from(tag.name);
    const hash = hashOf(name, 0, name.length);
    let slot = slotOf(hash);
    while (table[slot] !== null) slot = (slot + 1) % SLOTS;
    table[slot] = { name, hash, tag };
  }
  return table;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at]! | 0x20)) | 0;
  return hash;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >> 10)) & (SLOTS - 1);
}

/**
 * Looks up the tag name that stands in `bytes`, in any case; `undefined` for elements that mean nothing here (inline ones,
 * unknown ones). Works on bytes because it is asked for every tag of a page: no string is made and hashed.
 */
export function tagAt(bytes: Uint8Array, start: number, end: number): TagInfo | undefined {
  if (end - start > LONGEST_NAME) return undefined;
  const hash = hashOf(bytes, start, end);
  for (let slot = slotOf(hash); ; slot = (slot + 1) % SLOTS) {
    const entry = TABLE[slot]!;
    if (entry === null) return undefined;
    if (entry.hash === hash && isName(entry.name, bytes, start, end)) return entry.tag;
  }
}

function isName(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i]!;
    if ((byte >= 65 && byte <= 90 ? byte | 0x20 : byte) !== name[i]) return false;
  }
  return true;
}
