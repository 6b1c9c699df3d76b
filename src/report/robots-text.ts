/**
 * Report: what robots.txt says of one URL, in words, for `crawl explain`. In: the answer of its origin and the rule that
 * decides. Out: one line of text; whoever shows it escapes it. Pure.
 */
import { TOO_LONG_TEXT, type OriginRecord } from '../model/robots.ts';
import { plural } from './numbers.ts';

export interface RobotsStory {
  /** The run that made the URL what it is obeyed robots.txt. */
  readonly obeyed: boolean;
  /** For whom that run asked, where the last run asks for somebody else; else `null`. */
  readonly agent: string | null;
  /** `null` = the origin was never asked for it. */
  readonly answer: RobotsVerdict | null;
  /** The rules allow it to the last run, whose settings `crawl retry` takes over. */
  readonly isAllowedNow: boolean;
}

/** Times are wall-clock ms. */
export interface RobotsVerdict extends Omit<OriginRecord, 'robots' | 'redirects'> {
  readonly allowed: boolean;
  /** The rule that decides; `null` = none matches, or there are none. */
  readonly rule: { readonly line: number; readonly text: string } | null;
  /** No rule decides, as those with `*` are too many to be held against so long a path: then it is forbidden. */
  readonly isTooLong: boolean;
  /** What the file is: anything but text has no rules. `null` without one. */
  readonly kind: 'text' | 'html' | 'binary' | null;
}

/** `forbidden by line 7 "Disallow: /draft/"; read 2026-01-02T03:04:05.000Z, counts until 2026-01-03T03:04:05.000Z`. */
export function robotsText({ obeyed, agent, answer }: RobotsStory): string {
  if (answer === null) return obeyed ? 'not asked for yet' : 'not read (--no-robots)';
  const verdict = `${agent === null ? '' : `as ${agent}: `}${verdictText(answer)}; ${timesText(answer)}`;
  return obeyed ? verdict : `not obeyed by its run (--no-robots); ${verdict}`;
}

function verdictText(answer: RobotsVerdict): string {
  const { access, rule, allowed, isTooLong } = answer;
  switch (access) {
    case 'allow-all':
      return `allowed, as there is none (${reason(answer)})`;
    case 'disallow-all':
      return `could not be read (${reason(answer)}, ${asked(answer)}): everything is forbidden there`;
    case 'unreachable':
      return `not asked for, as there was no connection (${reason(answer)}): the URL itself was tried`;
    case 'rules':
      if (isTooLong) return `forbidden, as it has ${TOO_LONG_TEXT}`;
      return rule === null ? `allowed, ${noRule(answer)}` : `${allowed ? 'allowed' : 'forbidden'} by ${ruleAt(rule)}`;
    default:
      return access satisfies never;
  }
}

function noRule({ kind, truncated }: RobotsVerdict): string {
  if (kind !== 'text') return `as the file is ${kind === 'html' ? 'HTML' : 'no text'} and has no rules`;
  return truncated ? 'no rule matches in what was read of it, which is not all' : 'no rule matches';
}

function ruleAt({ line, text }: { line: number; text: string }): string {
  return `line ${String(line)} "${text}"`;
}

function reason({ status, errorClass, error }: RobotsVerdict): string {
  if (error !== null) return errorClass === null ? error : `${errorClass}: ${error}`;
  return status === null ? 'no answer' : `HTTP ${String(status)}`;
}

function asked({ tries }: RobotsVerdict): string {
  return tries === 1 ? 'asked once' : `asked ${plural(tries, 'time')}`;
}

function timesText({ access, fetchedAt, expiresAt }: RobotsVerdict): string {
  if (access === 'rules' || access === 'allow-all') return `read ${iso(fetchedAt)}, counts until ${iso(expiresAt)}`;
  if (access === 'unreachable') return `asked ${iso(fetchedAt)}, again with its next URL`;
  // URLs that are settled are not asked for by another run, nor what they may.
  return `asked ${iso(fetchedAt)}; crawl retry --error blocked-robots asks again`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
