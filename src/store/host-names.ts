/**
 * The host names asked for last, with their ids: bytes in two pieces of memory instead of strings in a `Map`, which take three
 * times as much and, being old objects of the heap, let it grow by as much again before it is collected.
 *
 *     slots     hash → where the name's record begins, + 1; 0 = free. At most 16 slots are looked at.
 *     records   [id: 4 bytes | length: 1 | name] [id | length | name] …
 *
 * A full half is emptied when the other one is full as well: what was asked for since the last change is kept, and at least
 * that. Names are compared as text; a hash never stands for one. Names that are not ASCII, or longer than a host's can be,
 * are not kept.
 */

/** Of a half. */
const MOST_NAMES = 65_536;
const SLOTS = 2 * MOST_NAMES;
const LOOKED_AT = 16;
/** 35 characters a name. Memory that no name has been written to takes none. */
const RECORD_BYTES = 40 * MOST_NAMES;
const HEAD = 5;
const LONGEST_NAME = 255;

export class HostNames {
  #newer = new Half();
  #older = new Half();

  /** The id under which the name was last remembered; `null` where it is not known here. @param hash The name's. */
  idOf(name: string, hash: number): number | null {
    const id = this.#newer.idOf(name, hash);
    if (id !== null) return id;
    const older = this.#older.idOf(name, hash);
    if (older !== null) this.remember(name, hash, older);
    return older;
  }

  /** The name must not be known here. */
  remember(name: string, hash: number, id: number): void {
    if (!isShortAscii(name)) return;
    if (this.#newer.isFull) {
      [this.#newer, this.#older] = [this.#older, this.#newer];
      this.#newer.clear();
    }
    this.#newer.add(name, hash, id);
  }
}

class Half {
  readonly #slots = new Uint32Array(SLOTS);
  readonly #records = new Uint8Array(RECORD_BYTES);
  #names = 0;
  #end = 0;

  get isFull(): boolean {
    return this.#names >= MOST_NAMES || this.#end + HEAD + LONGEST_NAME > RECORD_BYTES;
  }

  idOf(name: string, hash: number): number | null {
    for (let slot = firstSlot(hash), looked = 0; looked < LOOKED_AT; slot++, looked++) {
      const at = this.#slots[slot % SLOTS] ?? 0;
      if (at === 0) return null;
      if (this.#holds(at - 1, name)) return this.#idAt(at - 1);
    }
    return null;
  }

  /** Names whose slots are all taken are left out: they cost a look-up in the file each time. */
  add(name: string, hash: number, id: number): void {
    for (let slot = firstSlot(hash), looked = 0; looked < LOOKED_AT; slot++, looked++) {
      if (this.#slots[slot % SLOTS] !== 0) continue;
      this.#slots[slot % SLOTS] = this.#end + 1;
      this.#write(name, id);
      this.#names++;
      return;
    }
  }

  clear(): void {
    this.#slots.fill(0);
    this.#names = 0;
    this.#end = 0;
  }

  #write(name: string, id: number): void {
    const records = this.#records;
    for (let i = 0; i < 4; i++) records[this.#end + i] = id >>> (8 * i);
    records[this.#end + 4] = name.length;
    for (let i = 0; i < name.length; i++) records[this.#end + HEAD + i] = name.charCodeAt(i);
    this.#end += HEAD + name.length;
  }

  #holds(at: number, name: string): boolean {
    const records = this.#records;
    if (records[at + 4] !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (records[at + HEAD + i] !== name.charCodeAt(i)) return false;
    return true;
  }

  #idAt(at: number): number {
    let id = 0;
    for (let i = 3; i >= 0; i--) id = id * 256 + (this.#records[at + i] ?? 0);
    return id;
  }
}

/** The upper bits of a 52-bit hash choose; any other number will do, too. */
function firstSlot(hash: number): number {
  return Math.floor(hash / 2 ** 20) % SLOTS;
}

function isShortAscii(name: string): boolean {
  if (name.length > LONGEST_NAME) return false;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 0x7f) return false;
  return true;
}
