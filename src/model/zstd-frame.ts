/**
 * Frames of zstd (RFC 8878 §3.1): how they begin and where they end, told by their headers without decoding them.
 *
 * A body or a list may be several frames, one behind the other, and Node's decoders differ: up to version 24 they read the first one
 * only, since 26 all of them as if they were one, and up to 22 they take one that is cut off for whole. So each gets one whole frame.
 */

/** Bytes that `isZstdFrame` looks at. */
export const ZSTD_MAGIC_BYTES = 4;

const FRAME_MAGIC = 0xfd2fb528;
/** Of which the last four bits may be anything. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Magic number and descriptor. */
const FRAME_START = 5;
/** Magic number and size. */
const SKIPPABLE_START = 8;
const BLOCK_HEADER = 3;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
const CHECKSUM = 4;

/** A frame of data, or one to be skipped. */
export function isZstdFrame(bytes: Uint8Array): boolean {
  return isDataFrame(bytes) || isSkippableFrame(bytes);
}

function isDataFrame(bytes: Uint8Array): boolean {
  return bytes.length >= ZSTD_MAGIC_BYTES && littleEndian(bytes, 0, ZSTD_MAGIC_BYTES) === FRAME_MAGIC;
}

/** One that holds nothing of the content (§3.1.2). */
export function isSkippableFrame(bytes: Uint8Array): boolean {
  if (bytes.length < ZSTD_MAGIC_BYTES) return false;
  const magic = littleEndian(bytes, 0, ZSTD_MAGIC_BYTES);
  return magic - (magic % 16) === SKIPPABLE_MAGIC;
}

/** The size of the content where the header of a frame tells it (§3.1.1.1); 0 where it does not. */
export function zstdContentSize(bytes: Uint8Array): number {
  if (bytes.length <= FRAME_START || !isDataFrame(bytes)) return 0;
  const { start, width } = contentSizeField(bytes[FRAME_START - 1]!);
  if (start + width > bytes.length) return 0;
  return littleEndian(bytes, start, width) + (width === 2 ? 256 : 0);
}

/** Behind window descriptor and dictionary ID; what follows it is the first block. */
function contentSizeField(descriptor: number): { start: number; width: number } {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const start = FRAME_START + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  return { start, width: [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]! };
}

/** Follows one frame through the pieces in which it comes, from its first byte on. */
export class ZstdFrameEnd {
  /** Bytes until the next field. */
  #skip = 0;
  /** What has come of the field that is read. */
  #field: number[] = [];
  #fieldBytes = FRAME_START;
  #isStart = true;
  #checksum = 0;
  #isLast = false;

  /** Whether its last byte has come. */
  get hasEnded(): boolean {
    return this.#isLast && this.#skip === 0;
  }

  /** Where the frame ends in this piece; `null` = it goes on behind it, or is damaged so that nobody knows. */
  push(piece: Uint8Array): number | null {
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, piece.length - at);
      at += skipped;
      this.#skip -= skipped;
      if (this.#skip > 0) return null;
      if (this.hasEnded) return at;
      while (this.#field.length < this.#fieldBytes) {
        if (at === piece.length) return null;
        this.#field.push(piece[at++]!);
      }
      this.#read(Uint8Array.from(this.#field));
    }
  }

  #read(field: Uint8Array): void {
    if (!this.#isStart) {
      this.#readBlockHeader(littleEndian(field, 0, BLOCK_HEADER));
    } else if (!isSkippableFrame(field)) {
      this.#readDescriptor(field[FRAME_START - 1]!);
    } else if (field.length < SKIPPABLE_START) {
      this.#fieldBytes = SKIPPABLE_START;
      return;
    } else {
      this.#skip = littleEndian(field, ZSTD_MAGIC_BYTES, 4);
      this.#isLast = true;
    }
    this.#isStart = false;
    this.#field = [];
    this.#fieldBytes = BLOCK_HEADER;
  }

  #readDescriptor(descriptor: number): void {
    const { start, width } = contentSizeField(descriptor);
    this.#skip = start + width - FRAME_START;
    this.#checksum = (descriptor & 4) === 0 ? 0 : CHECKSUM;
  }

  /** §3.1.1.2: whether it is the last one, its type, its size. */
  #readBlockHeader(header: number): void {
    const type = (header >> 1) & 3;
    this.#isLast = (header & 1) === 1;
    this.#skip = type === RLE_BLOCK ? 1 : header >> 3;
    if (this.#isLast) this.#skip += this.#checksum;
    if (type === RESERVED_BLOCK) this.#skip = Infinity;
  }
}

function littleEndian(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes[start + index]!;
  return value;
}
