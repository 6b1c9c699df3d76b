/**
 * Report: why a URL is as it is, in one sentence, and what to type next. In: its history and what the run was told. Out:
 * text that names class, reason and remedy; whoever shows it escapes it. Pure. The meaning of a class stands in one place, `model/error-codes.ts`.
 */
import { ERROR_CLASSES, isRetryableStatus, SKIP_REASONS, type RetryRule } from '../model/error-codes.ts';
import type { AttemptHistory, UrlHistory } from '../model/url-history.ts';
import { count, plural } from './numbers.ts';
import type { RobotsStory } from './robots-text.ts';

/** What the history does not hold: how the file is named here, and the settings of its runs. */
export interface StoryContext {
  /** The database as it would be typed. */
  readonly database: string;
  readonly pace: { readonly perHost: number; readonly delayMs: number } | null;
  /** Of the run that made the URL what it is. */
  readonly retries: number | null;
  /** What robots.txt of its origin says of the URL; `null` where the settings cannot be read any more. */
  readonly robots: RobotsStory | null;
  /** The last run has not recorded its end: it goes on, or was killed. */
  readonly isRunning: boolean;
}

/** What an error class or skip reason means and what can be done; `null` for one this version does not know. */
export function meaningOf(reason: string): string | null {
  if (Object.hasOwn(ERROR_CLASSES, reason)) return ERROR_CLASSES[reason as keyof typeof ERROR_CLASSES].remedy;
  if (Object.hasOwn(SKIP_REASONS, reason)) return SKIP_REASONS[reason as keyof typeof SKIP_REASONS];
  return null;
}

/** `http-5xx: the server failed`. */
export function reasonAndMeaning(reason: string): string {
  const meaning = meaningOf(reason);
  return meaning === null ? reason : `${reason}: ${meaning}`;
}

/** The final state with its reason. */
export function sentenceOf(history: UrlHistory, context: StoryContext): string {
  const { state, reason } = history;
  switch (state) {
    case 'done':
      return doneSentence(history);
    case 'failed':
      return `failed, ${reasonAndMeaning(reason ?? 'internal')}. ${whyNotAgain(history, context)}`;
    case 'skipped':
      return `skipped, never asked for, ${reason === null ? 'without a reason' : skipMeaning(reason)}`;
    case 'queued':
      return queuedSentence(history, context);
    default:
      return state satisfies never;
  }
}

/** Command lines that lead on from here. */
export function nextSteps(history: UrlHistory, { database, robots }: StoryContext): string[] {
  const url = shellWord(history.url);
  const db = shellWord(database);
  const steps: string[] = [];
  if (history.page !== null && history.page.storedBytes !== null) steps.push(`crawl cat ${url} --db ${db}`);
  if (history.page !== null) steps.push(`crawl cat ${url} --headers --db ${db}`);
  if (history.state === 'failed' && history.reason !== null) {
    steps.push(`crawl retry ${db} --error ${shellWord(history.reason)} --host ${shellWord(history.host.name)}`);
  }
  if (history.state === 'skipped' && history.reason === 'blocked-robots') {
    // What could not be read is asked for again; what is forbidden stays so until its owner decides otherwise.
    const isForbidden = robots?.answer?.access === 'rules' && !robots.answer.allowed && !robots.isAllowedNow;
    const anyway = isForbidden ? ' --no-robots' : '';
    steps.push(`crawl retry ${db} --error blocked-robots --host ${shellWord(history.host.name)}${anyway}`);
  }
  if (history.state === 'queued') steps.push(`crawl -o ${db}`);
  return steps;
}

/** What follows from an attempt that failed; `null` where it did not. */
export function consequenceOf(attempt: AttemptHistory, history: UrlHistory): string | null {
  if (attempt.errorClass === null) return null;
  const next = history.attempts[history.attempts.indexOf(attempt) + 1];
  if (next !== undefined) {
    const waitedMs = next.startedAt - attempt.startedAt - attempt.totalMs;
    return `tried again ${count(Math.max(0, waitedMs))} ms later`;
  }
  return history.state === 'queued' ? retryText(history) : 'given up';
}

function doneSentence({ page, attempts }: UrlHistory): string {
  const { status } = attempts.at(-1) ?? { status: null };
  const again = attempts.length > 1 ? ` at attempt ${String(attempts.length)}` : '';
  const fetched = `done, answered with ${String(status)}${again}`;
  const parseError = page?.parseError ?? null;
  return parseError === null ? fetched : `${fetched}, but not parsed, ${reasonAndMeaning(parseError)}`;
}

function skipMeaning(reason: string): string {
  const meaning = Object.hasOwn(SKIP_REASONS, reason) ? SKIP_REASONS[reason as keyof typeof SKIP_REASONS] : null;
  return meaning === null ? reason : `${reason}: ${meaning}`;
}

function queuedSentence(history: UrlHistory, { isRunning }: StoryContext): string {
  if (history.attempts.length === 0) {
    return isRunning
      ? 'queued, not asked for yet: its turn comes, or the run was killed and the same command goes on'
      : 'queued, not asked for yet: the last run ended before its turn, the same command goes on';
  }
  const last = history.reason === null ? '' : ` after ${reasonAndMeaning(history.reason)};`;
  return `queued${last} ${retryText(history)}`;
}

function retryText({ retryAt }: UrlHistory): string {
  return retryAt === null ? 'put back by crawl retry' : `to be tried again from ${new Date(retryAt).toISOString()} on`;
}

/** Why a failed URL had no further attempt. */
function whyNotAgain({ attempts, roundAttempts, reason }: UrlHistory, { retries }: StoryContext): string {
  const last = attempts.at(-1);
  const made = plural(roundAttempts, 'attempt');
  if (last === undefined || last.errorClass === null) return `${made} made.`;
  if (reason === 'total-timeout') return `${made} together took as long as --deadline allows.`;
  const rule = ruleOf(last);
  if (rule === 'never') return 'Not tried again by itself; crawl retry does.';
  if (rule === 'once') return `${made} made: this is tried again once at most.`;
  const limit = retries === null ? '--retries allows' : `--retries ${String(retries)} allows`;
  return `${made} made: as many as ${limit}.`;
}

function ruleOf({ errorClass, status }: AttemptHistory): RetryRule {
  if (errorClass === 'http-4xx' && status !== null && isRetryableStatus(status)) return 'retries';
  if (errorClass === null || !Object.hasOwn(ERROR_CLASSES, errorClass)) return 'never';
  return ERROR_CLASSES[errorClass as keyof typeof ERROR_CLASSES].retry;
}

/** A word as a POSIX shell takes it literally. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
