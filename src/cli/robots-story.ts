/**
 * Command line: what robots.txt says of one URL, found by asking the stored file again: for whom a rule is follows from
 * the User-Agent of the run that made the URL what it is, and which one decides is not stored with each URL.
 */
import type { Settings } from '../model/settings.ts';
import type { RobotsStory, RobotsVerdict } from '../report/robots-text.ts';
import { parseRobots } from '../robots/parse-robots.ts';
import { productToken } from '../robots/product-token.ts';
import { ruleText, TOO_LONG } from '../robots/rules.ts';
import { originOf, pathOf } from '../url/canonical.ts';
import type { StoreReader } from '../store/reader.ts';

/** @param url canonical. @param run settings of the run that decided. @param lastRun settings that the next one takes over. */
export function robotsStory(url: string, run: Settings, lastRun: Settings, reader: StoreReader): RobotsStory {
  const token = productToken(run.fetch.userAgent);
  const lastToken = productToken(lastRun.fetch.userAgent);
  const answer = verdictOn(url, token, reader);
  const isSame = token === lastToken;
  return {
    obeyed: run.politeness.robots,
    agent: isSame ? null : token,
    answer,
    isAllowedNow: (isSame ? answer : verdictOn(url, lastToken, reader))?.allowed ?? true,
  };
}

function verdictOn(url: string, token: string, reader: StoreReader): RobotsVerdict | null {
  const record = reader.origin(originOf(url));
  if (record === null) return null;
  const { robots, redirects: _, ...answer } = record;
  const file = robots === null ? null : parseRobots(robots, token);
  const found = file?.rules.ruleFor(pathOf(url)) ?? null;
  const isTooLong = found === TOO_LONG;
  const rule = isTooLong ? null : found;
  return {
    ...answer,
    allowed: answer.access !== 'disallow-all' && !isTooLong && (rule?.allow ?? true),
    isTooLong,
    rule: rule === null ? null : { line: rule.line, text: ruleText(rule) },
    kind: file?.kind ?? null,
  };
}
