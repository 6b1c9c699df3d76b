/** One sentence on what bounded a run; names the flag where a default is what did it. */
import type { Bottleneck } from '../model/events.ts';
import type { Settings } from '../model/settings.ts';
import { parserPlacement } from './parser-placement.ts';

export function adviceFor(bottleneck: Bottleneck, settings: Settings, permits: number): string {
  const { politeness, fetch, parse, storage } = settings;
  switch (bottleneck) {
    case 'concurrency':
      return fetch.concurrency === 'auto'
        ? `all ${permits} fetches that -c auto found worth having were in flight most of the time: a higher -c may go faster`
        : `all ${permits} fetches of -c ${permits} were in flight most of the time`;
    case 'politeness':
      if (politeness.delayMs !== null || politeness.rate !== null || politeness.perHost !== null) {
        return 'the pace per host that you set (--per-host, --delay, --rate) or that hosts asked for';
      }
      return 'the default pace per host (public: --per-host 2 --delay 100ms; private: --per-host 16), or a pause that hosts asked for';
    case 'parsing':
      return 'the parser threads; --parse links or --parse none does less, --parsers N uses more cores';
    case 'storage':
      if (parserPlacement(parse).isGuest)
        return 'decoding and writing, which share a thread; --parsers 1 gives decoding another';
      return storage.durable
        ? 'writing the database; --durable waits for the disk at every commit'
        : 'writing the database';
    case 'input':
      return 'reading the list: URLs were fetched as fast as they came in';
    case 'network':
      return 'fetching itself: the network and the thread that drives it were busy';
    case 'nothing':
      return 'the run was over before anything filled up';
    default:
      return bottleneck satisfies never;
  }
}
