/**
 * Import: batches of lines become queued URLs, their source's book and its position, all in one transaction.
 * What each line came to is decided here and nowhere else; the five counts of the second book follow from it.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { EnqueueRequest } from '../model/ports.ts';
import type { SeedLine } from '../model/seed.ts';
import type { HostSegments } from './host-segments.ts';
import type { HostTable } from './host-table.ts';
import type { ListedPorts } from './listed-ports.ts';
import type { Lines } from './packed-lines.ts';
import type { SourceDelta, Sources } from './sources.ts';
import type { UrlTable } from './url-table.ts';

export type ImportRequest = Omit<EnqueueRequest, 'lines'> & { readonly lines: Lines };

export interface Imported {
  readonly added: number;
  /** Hosts that have got new URLs; one may be there more than once. */
  readonly hosts: readonly number[];
}

type InputKind = 'url' | 'duplicate' | 'rejected';

export class Importer {
  readonly #sources: Sources;
  readonly #urls: UrlTable;
  readonly #hosts: HostTable;
  readonly #segments: HostSegments;
  readonly #listedPorts: ListedPorts;
  readonly #insertInput: Statement<[number, number, InputKind, string, number | null, string | null, string | null]>;

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
    const hosts: number[] = [];
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
      for (const line of lines) this.#writeLine(sourceId, line, delta, hosts);
      this.#sources.advance(delta, request);
      added += delta.added;
    }
    return { added, hosts };
  }

  #writeLine(sourceId: number, line: SeedLine, delta: SourceDelta, hosts: number[]): void {
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
      if (hosts.at(-1) !== hostId) hosts.push(hostId);
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
}

/** The port of a canonical URL, whose host is known: `https://host:port/…`. */
function portOf(url: string, host: string): number {
  const schemeLength = url.startsWith('https:') ? 8 : 7;
  const end = schemeLength + host.length;
  if (url[end] === ':') return Number.parseInt(url.slice(end + 1, end + 6), 10);
  return schemeLength === 8 ? 443 : 80;
}
