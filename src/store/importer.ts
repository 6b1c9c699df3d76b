/**
 * Import: batches of lines become queued URLs, their source's book and its position, all in one transaction.
 * What each line came to is decided here and nowhere else; the five counts of the second book follow from it.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { EnqueueRequest } from '../model/ports.ts';
import type { SeedLine } from '../model/seed.ts';
import { grown } from './due-heap.ts';
import type { HostSegments } from './host-segments.ts';
import type { HostTable } from './host-table.ts';
import type { ListedPorts } from './listed-ports.ts';
import type { Lines } from './packed-lines.ts';
import type { SourceDelta, Sources } from './sources.ts';
import type { UrlTable } from './url-table.ts';

export type ImportRequest = Omit<EnqueueRequest, 'lines'> & { readonly lines: Lines };

export interface Imported {
  readonly added: number;
  /** Hosts that have got new URLs; one may be there more than once. Until the next `write`. */
  readonly hosts: Uint32Array;
}

type InputKind = 'url' | 'duplicate' | 'rejected';

export class Importer {
  readonly #sources: Sources;
  readonly #urls: UrlTable;
  readonly #hosts: HostTable;
  readonly #segments: HostSegments;
  readonly #listedPorts: ListedPorts;
  readonly #insertInput: Statement<[number, number, InputKind, string, number | null, string | null, string | null]>;

  /** Hosts of the transaction under way. One piece of memory for all: a list a transaction would move to the old generation. */
  #touched = new Uint32Array(1_024);
  #touchedCount = 0;

  constructor(
    db: Database,
    parts: { sources: Sources; urls: UrlTable; hosts: HostTable; segments: HostSegments; listedPorts: ListedPorts },
  ) {
    this.#sources = parts.sources;
    this.#urls = parts.urls;
    this.#hosts = parts.hosts;
    this.#segments = parts.segments;
    this.#listedPorts = parts.listedPorts;
    this.#insertInput = db.prepare(
      'INSERT INTO input (source_id, line, kind, url, url_id, reason, columns) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
  }

  /** Writes the batches of one transaction. The caller opens and commits it. */
  write(requests: readonly ImportRequest[]): Imported {
    this.#touchedCount = 0;
    let added = 0;
    for (const request of requests) {
      const { sourceId, lines } = request;
      const delta: SourceDelta = {
        lines: lines.length,
        added: 0,
        knownBefore: 0,
        duplicate: 0,
        rejected: 0,
        blank: 0,
        bareHosts: 0,
      };
      for (const line of lines) this.#writeLine(sourceId, line, delta);
      this.#sources.advance(delta, request);
      added += delta.added;
    }
    return { added, hosts: this.#touched.subarray(0, this.#touchedCount) };
  }

  #writeLine(sourceId: number, line: SeedLine, delta: SourceDelta): void {
    if (line.kind === 'blank') {
      delta.blank++;
      return;
    }
    if (line.kind === 'rejected') {
      delta.rejected++;
      this.#insertInput.run(sourceId, line.line, 'rejected', line.raw, null, line.reason, line.columns);
      return;
    }
    if (line.bareHost) delta.bareHosts++;
    let kind: InputKind = 'url';
    let urlId = this.#urls.find(line.url);
    if (urlId === null) {
      const hostId = this.#hosts.idOf(line.host);
      urlId = this.#urls.insertSeed(line.url, hostId, sourceId, line.line);
      this.#listedPorts.add(hostId, portOf(line.url, line.host));
      this.#segments.add(hostId, urlId);
      this.#touch(hostId);
      delta.added++;
    } else if (this.#urls.sourceOf(urlId) === sourceId) {
      delta.duplicate++;
      kind = 'duplicate';
    } else {
      delta.knownBefore++;
    }
    if (kind === 'duplicate' || line.columns !== null) {
      this.#insertInput.run(sourceId, line.line, kind, line.url, urlId, null, line.columns);
    }
  }

  #touch(hostId: number): void {
    if (this.#touchedCount > 0 && this.#touched[this.#touchedCount - 1] === hostId) return;
    if (this.#touchedCount === this.#touched.length) {
      this.#touched = grown(this.#touched, this.#touchedCount + 1, Uint32Array);
    }
    this.#touched[this.#touchedCount++] = hostId;
  }
}

/** The port of a canonical URL, whose host is known: `https://host:port/…`, perhaps with a dot behind the host. */
function portOf(url: string, host: string): number {
  const schemeLength = url.startsWith('https:') ? 8 : 7;
  let end = schemeLength + host.length;
  if (url[end] === '.') end++;
  if (url[end] === ':') return Number.parseInt(url.slice(end + 1, end + 6), 10);
  return schemeLength === 8 ? 443 : 80;
}
