/**
 * Report: the story of one URL, for `crawl explain`. In: its history and what the run was told. Out: lines for people, or
 * one line of JSON for programs (the fields of `model/url-history.ts`, times as ISO 8601). Pure; nothing in the lines can
 * write to the terminal.
 */
import type { AttemptHistory, InputLine, PageHistory, RejectedHistory, UrlHistory } from '../model/url-history.ts';
import { REJECT_REASONS } from '../model/seed.ts';
import { sourceName } from './books.ts';
import { escapeControl, safeJson } from './escape.ts';
import { consequenceOf, meaningOf, nextSteps, reasonAndMeaning, sentenceOf, type StoryContext } from './explanation.ts';
import { bytes, count, plural } from './numbers.ts';
import { robotsText } from './robots-text.ts';

const LABEL_WIDTH = 12;

/** The lines of a story, without line breaks. */
export function storyLines(history: UrlHistory, context: StoryContext): string[] {
  const lines = [escapeControl(history.url), labelled('State', sentenceOf(history, context))];
  lines.push(...origin(history), labelled('Host', hostText(history, context)));
  if (context.robots !== null) lines.push(labelled('Robots', robotsText(context.robots)));
  for (const attempt of history.attempts) lines.push(...attemptLines(attempt, history));
  if (history.page !== null) lines.push(...pageLines(history.page));
  for (const [index, step] of nextSteps(history, context).entries()) {
    lines.push(labelled(index === 0 ? 'Next' : '', step));
  }
  return lines;
}

/** The same as one line of JSON. */
export function storyJson(history: UrlHistory, context: StoryContext): string {
  const why = history.reason ?? history.page?.parseError ?? null;
  const explained = {
    ...history,
    meaning: why === null ? null : meaningOf(why),
    explanation: sentenceOf(history, context),
    pace: context.pace === null ? null : { perHost: context.pace.perHost, delayMs: context.pace.delayMs },
    robots: context.robots,
    next: nextSteps(history, context),
  };
  return safeJson(explained, (key, value: unknown) =>
    TIMES.has(key) && typeof value === 'number' ? iso(value) : value,
  );
}

/** The story of a line that never became a URL. */
export function rejectedLines({ text, reason, lines }: RejectedHistory): string[] {
  return [
    escapeControl(text),
    labelled('State', `rejected, not a URL of this file, ${reason}: it ${rejectMeaning(reason)}`),
    ...lines.map((line, index) => labelled(index === 0 ? 'Listed' : '', lineText(line))),
  ];
}

export function rejectedJson(rejected: RejectedHistory): string {
  const { text, reason, lines } = rejected;
  return safeJson({ url: text, state: 'rejected', reason, meaning: rejectMeaning(reason), lines });
}

function rejectMeaning(reason: string): string {
  return Object.hasOwn(REJECT_REASONS, reason)
    ? REJECT_REASONS[reason as keyof typeof REJECT_REASONS]
    : 'was not accepted';
}

const TIMES: ReadonlySet<string> = new Set(['startedAt', 'pausedUntil', 'retryAt', 'fetchedAt', 'expiresAt']);

function origin({ listed, listedAgain, referrer, depth }: UrlHistory): string[] {
  const lines: string[] = [];
  if (listed !== null) lines.push(labelled('Listed', lineText(listed)));
  for (const line of listedAgain) lines.push(labelled('', `again at ${lineText(line)}`));
  if (referrer !== null) {
    lines.push(labelled('Found on', `${referrer}, ${plural(depth, 'link')} from the list`));
  }
  return lines;
}

function lineText({ source, line, columns }: InputLine): string {
  const others = columns === null ? '' : `; other columns ${JSON.stringify(columns)}`;
  return `line ${String(line)} of ${sourceName(source)}${others}`;
}

function hostText({ host }: UrlHistory, { pace }: StoryContext): string {
  const parts = [host.name];
  if (pace !== null) {
    const delay = pace.delayMs === 0 ? 'no delay' : `${count(pace.delayMs)} ms from start to start`;
    parts.push(`at most ${plural(pace.perHost, 'fetch', 'fetches')} at a time, ${delay}`);
  }
  if (host.pausedUntil !== null) parts.push(`asked to be left alone until ${iso(host.pausedUntil)}`);
  return parts.join('; ');
}

function attemptLines(attempt: AttemptHistory, history: UrlHistory): string[] {
  const { errorClass, retryAfter } = attempt;
  const lines = [`${iso(attempt.startedAt)}, ${answerText(attempt)}`, timesText(attempt)];
  for (const { url, status, location, downgrade } of attempt.redirects) {
    const warning = downgrade === true ? ' (from https to http)' : '';
    lines.push(`redirect ${String(status)} of ${url} to ${location}${warning}`);
  }
  if (attempt.finalUrl !== null && attempt.redirects.length > 0) lines.push(`answer of ${attempt.finalUrl}`);
  if (attempt.status !== null || attempt.wireBytes > 0) lines.push(sizesText(attempt));
  if (retryAfter !== null) lines.push(`the server said Retry-After: ${retryAfter}`);
  if (errorClass !== null) lines.push(reasonAndMeaning(errorClass));
  const consequence = consequenceOf(attempt, history);
  if (consequence !== null) lines.push(consequence);
  return lines.map((line, index) => labelled(index === 0 ? `Attempt ${String(attempt.attempt)}` : '', line));
}

/** What came of it, in the words of the attempt's own error where it has one. */
function answerText({ status, error, errorCode }: AttemptHistory): string {
  const answer = status === null ? 'no answer' : `HTTP ${String(status)}`;
  if (error === null) return answer;
  const told = error.startsWith(answer) ? error : `${answer}, ${error}`;
  return errorCode === null ? told : `${told} (${errorCode})`;
}

/** Less was not worth waiting for: an answer is held for some ms before it is believed (ARCHITECTURE.md, "Which answer is ours"). */
const NOTEWORTHY_MS = 20;

function timesText(attempt: AttemptHistory): string {
  const times = [`waited ${count(attempt.waitMs)} ms for its turn (host, permit, window)`];
  if (attempt.dnsMs !== null) times.push(`name ${count(attempt.dnsMs)} ms`);
  if (attempt.connectMs !== null) times.push(`connection ${count(attempt.connectMs)} ms`);
  if (attempt.ttfbMs !== null) times.push(`first byte ${count(attempt.ttfbMs)} ms`);
  const held = attempt.heldMs >= NOTEWORTHY_MS ? `, and ${count(attempt.heldMs)} ms held back by this side` : '';
  times.push(`in all ${count(attempt.totalMs)} ms${held}`);
  const via = [attempt.address, attempt.httpVersion === null ? null : `HTTP/${attempt.httpVersion}`];
  return [times.join(', '), ...via.filter((part) => part !== null)].join('; ');
}

function sizesText({ wireBytes, decodedBytes, contentEncoding }: AttemptHistory): string {
  const coding = contentEncoding === null ? '' : ` as ${contentEncoding}`;
  const decoded = decodedBytes === null ? '' : `, ${bytes(decodedBytes)} decoded`;
  return `body ${bytes(wireBytes)} on the wire${coding}${decoded}`;
}

function pageLines(page: PageHistory): string[] {
  const lines: string[] = [];
  if (page.contentType !== null) lines.push(`type ${page.contentType}${charsetText(page)}`);
  if (page.title !== null) lines.push(`title ${JSON.stringify(page.title)}`);
  const found: string[] = [];
  if (page.words !== null) found.push(plural(page.words, 'word'));
  if (page.linksTotal !== null) found.push(`${plural(page.linksTotal, 'link')} (${count(page.linksKept)} kept)`);
  if (page.items > 0) found.push(plural(page.items, 'item'));
  if (found.length > 0) lines.push(found.join(', '));
  if (page.parseError !== null) lines.push(`not parsed, ${reasonAndMeaning(page.parseError)}`);
  if (page.warning !== null) lines.push(`remark: ${page.warning}`);
  if (page.sha256 !== null) lines.push(bodyText(page));
  const { count: others, urls } = page.sameBody;
  if (others > 0) {
    const more = others > urls.length ? `, and ${count(others - urls.length)} more` : '';
    lines.push(`the same body as ${urls.join(', ')}${more}`);
  }
  return lines.map((line, index) => labelled(index === 0 ? 'Page' : '', line));
}

function charsetText({ charset, charsetSource }: PageHistory): string {
  if (charset === null) return '';
  return `, charset ${charset}${charsetSource === null ? '' : ` (${CHARSET_TEXT[charsetSource] ?? charsetSource})`}`;
}

const CHARSET_TEXT: Readonly<Record<string, string>> = {
  bom: 'by its byte order mark',
  header: 'by the Content-Type header',
  meta: 'by a meta element',
  detected: 'guessed from the bytes',
  default: 'the default, as nothing says otherwise',
};

function bodyText({ sha256, bytes: size, encoding, storedBytes }: PageHistory): string {
  const kept =
    storedBytes === null ? 'not kept (--bodies none)' : `stored as ${String(encoding)}, ${bytes(storedBytes)}`;
  return `body ${bytes(size ?? 0)}, SHA-256 ${String(sha256)}; ${kept}`;
}

/** Every line but the first of a story is made here, so nothing can be shown unescaped. */
function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${escapeControl(text)}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
