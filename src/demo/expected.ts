/**
 * What a crawl of the demo site must end with, computed without a server: follows redirects and asks again as a crawl does.
 * `crawl demo --crash` and the tests hold the database against it.
 */
import { createHash } from 'node:crypto';
import type { DemoAnswer } from './host.ts';
import { demoAnswer, isForbidden } from './site.ts';

/** How a URL of the demo site ends. */
export interface ExpectedOutcome {
  readonly state: 'done' | 'failed' | 'skipped';
  /** Of the last answer; `null` where there was none, or where the redirects led nowhere. */
  readonly status: number | null;
  /** Hex digest of the decoded body of the last answer; `null` without one. */
  readonly sha256: string | null;
  readonly bytes: number | null;
}

/** Attempts after the first, as `--retries` defaults to. */
const RETRIES = 3;
/** Redirects followed in one attempt. */
const MAX_HOPS = 10;

const NO_ANSWER: ExpectedOutcome = { state: 'failed', status: null, sha256: null, bytes: null };
const NOT_ASKED: ExpectedOutcome = { ...NO_ANSWER, state: 'skipped' };

/** How `url` ends when it is asked with the usual number of retries. */
export function expectedOutcome(seed: number, url: string): ExpectedOutcome {
  const { hostname, pathname } = new URL(url);
  if (isForbidden(hostname, pathname)) return NOT_ASKED;
  let outcome = NO_ANSWER;
  for (let hit = 1; hit <= 1 + RETRIES; hit += 1) {
    outcome = expectedAttempt(seed, url, hit);
    const mayHeal = outcome.status === null || outcome.status === 429 || outcome.status >= 500;
    if (outcome.state === 'done' || !mayHeal) break;
  }
  return outcome;
}

function expectedAttempt(seed: number, url: string, hit: number): ExpectedOutcome {
  let target = new URL(url);
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const path = target.pathname + target.search;
    const answer = demoAnswer(target.hostname, { seed, port: Number(target.port), path, hit });
    if (answer.kind !== 'answer') return NO_ANSWER;
    if (answer.status < 300 || answer.status >= 400) return outcomeOf(answer);
    const location = answer.headers['location'];
    if (location === undefined) return NO_ANSWER;
    target = new URL(location, target);
  }
  return NO_ANSWER;
}

function outcomeOf(answer: Extract<DemoAnswer, { kind: 'answer' }>): ExpectedOutcome {
  return {
    state: answer.status < 300 ? 'done' : 'failed',
    status: answer.status,
    sha256: createHash('sha256').update(answer.body).digest('hex'),
    bytes: answer.body.length,
  };
}
