/** Report: what holds a run, in words, for the progress line and the warning. Pure; nothing in it can write to the terminal. */
import type { Holding } from '../model/events.ts';
import { escapeControl } from './escape.ts';
import { clockTime, plural } from './numbers.ts';

/** `waiting for 1 URL of slow.example until 12:03:10 UTC, as it asked`. `queued`: URLs that are left. */
export function holdingText(holding: Holding, queued: number): string {
  const { stage, sinceMs } = holding;
  const url = escapeControl(holding.url ?? 'a URL');
  const time = clockTime(sinceMs);
  switch (stage) {
    case 'host':
    case 'retry':
      return waitText(holding, queued);
    case 'turn':
      return `a redirect of ${url} has waited ${time} for its turn`;
    case 'connect':
      return `connecting for ${time}: ${url}`;
    case 'headers':
      return `no answer for ${time}: ${url}`;
    case 'body':
      return `body not complete after ${time}: ${url}`;
    case 'parse':
      return `no page parsed for ${time}: ${url}`;
    case 'robots':
      return `no answer for ${time}: ${url}`;
    case 'store':
      return `the database has taken nothing for ${time}`;
    case 'import':
      return `nothing new from ${holding.url === '-' ? 'stdin' : url} for ${time}`;
    default:
      return stage satisfies never;
  }
}

function waitText({ stage, host, until }: Holding, queued: number): string {
  const of = host === null ? '' : `${queued === 1 ? '' : ', first'} of ${escapeControl(host)}`;
  const end = until === null ? '' : ` until ${new Date(until).toISOString().slice(11, 19)} UTC`;
  const why = stage === 'retry' ? 'to be tried again' : 'the pause or delay of its host';
  return `waiting for ${plural(queued, 'URL')}${of}${end} (${why})`;
}
