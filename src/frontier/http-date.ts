/**
 * Frontier: dates as HTTP writes them (RFC 9110 §5.6.7), strictly. `Date.parse` reads far more than that, garbage such
 * as "-5" and "1e3" included, and reads some of it in local time.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate, the form in use
 *     Sunday, 06-Nov-94 08:49:37 GMT    RFC 850, obsolete, with a two-digit year
 *     Sun Nov  6 08:49:37 1994          asctime, obsolete
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = '(?<time>\\d\\d:\\d\\d:\\d\\d)';
const FORMS = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(
    `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${TIME} GMT$`,
  ),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>\\w{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];
const FIFTY_YEARS = 50;

/**
 * Milliseconds since 1970, or `null` if it is none of the three forms or no such day exists.
 * @param nowWall for the century of a two-digit year.
 */
export function parseHttpDate(value: string, nowWall: number): number | null {
  for (const form of FORMS) {
    const groups = form.exec(value)?.groups;
    if (groups === undefined) continue;
    const { day = '', month = '', year = '', time = '' } = groups;
    return toTime(fullYear(year, nowWall), MONTHS.indexOf(month), Number(day), time.split(':').map(Number));
  }
  return null;
}

function toTime(year: number, month: number, day: number, [hour = 0, minute = 0, second = 0]: number[]): number | null {
  // 60 is a leap second; the arithmetic makes it the first second of the next minute.
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  const midnight = new Date(Date.UTC(year, month, day));
  // `Date.UTC` turns 31 November into 1 December, and the years 0 to 99 into the twentieth century.
  if (midnight.getUTCDate() !== day || midnight.getUTCFullYear() !== year) return null;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** RFC 9110 §5.6.7: a two-digit year that seems to lie more than 50 years in the future means the century before. */
function fullYear(year: string, nowWall: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(nowWall).getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + Number(year);
  return candidate > thisYear + FIFTY_YEARS ? candidate - 100 : candidate;
}
