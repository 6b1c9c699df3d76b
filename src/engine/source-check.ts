/**
 * A file holds the runs of one list. Before anything is imported, each source is held against those the file knows:
 * the same list (by path, or by content at another path) goes on; another one needs `--add`.
 */
import { ConfigError } from '../model/errors.ts';
import type { OpenInfo } from '../model/ports.ts';
import type { Producer } from '../model/seed.ts';

/** @throws {ConfigError} `ERR_INPUT`, one line per foreign source, with the count of URLs that the file holds. */
export function refuseForeignSources(output: string, info: OpenInfo, producers: readonly Producer[]): void {
  if (!info.existed || info.sources.length === 0) return;
  const foreign = producers.filter(({ identity }) => {
    return !info.sources.some(
      (known) =>
        (known.kind === identity.kind && known.name === identity.name) ||
        (identity.fingerprint !== null && known.fingerprint === identity.fingerprint),
    );
  });
  if (foreign.length === 0) return;
  const known = info.sources.at(-1)?.name ?? 'another list';
  throw new ConfigError(
    foreign.map(
      ({ identity }) =>
        `${output} holds ${info.urls.known} URLs of another list (${known}), not of ${identity.name}: ` +
        'add its URLs with --add, or write to another file with -o FILE.db',
    ),
    'ERR_INPUT',
  );
}
