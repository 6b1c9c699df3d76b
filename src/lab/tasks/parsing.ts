/** Laboratory: parsing a page as a task of a pool. */
import { PageParser } from '../../parse/parse-page.ts';
import { HEAVY, heavyPage } from '../support/heavy-pages.ts';

let parser: Promise<PageParser> | undefined;

/** Words of a page of the demo site. */
export async function parsePage(number: number, kilobytes: number): Promise<number> {
  parser ??= PageParser.create(HEAVY);
  return (await parser).parse(heavyPage(number, kilobytes)).page?.words ?? 0;
}
