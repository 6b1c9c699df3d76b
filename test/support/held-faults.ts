/**
 * Faults that no page of the fault site shows: what happens at each, how it ends, and which tests hold it. `docs/faults.md` is
 * made from it; `test/unit/docs/faults.test.ts` sees to it that the tests are there.
 */

export interface HeldFault {
  readonly row: number;
  readonly fault: string;
  /** What becomes of it: error class, exit code or other end. */
  readonly end: string;
  readonly tests: readonly (readonly [file: string, title: string])[];
}

const DNS = 'test/integration/fetch-dns.test.ts';
const DATABASE = 'test/unit/store/open-database.test.ts';
const SIGNALS = 'test/integration/signals.test.ts';
const RETRIES = 'test/unit/frontier/retry-policy.test.ts';
const LISTS = 'test/unit/producer/list-files.test.ts';
const PRODUCERS = 'test/unit/producer/open-producers.test.ts';
const SAME_COMMAND = 'test/integration/same-command.test.ts';
const STORAGE = 'test/integration/storage-faults.test.ts';
const USAGE = 'test/cli/usage.test.ts';
const CLOCK = 'test/unit/model/clock.test.ts';
const MACHINE = 'test/cli/machine-limits.test.ts';
const COOKIES = 'test/unit/fetch/cookie-jar.test.ts';

function held(row: number, fault: string, end: string, ...tests: HeldFault['tests']): HeldFault {
  return { row, fault, end, tests };
}

export const HELD_FAULTS: readonly HeldFault[] = [
  held(
    1,
    'a name that does not exist, or has no address',
    '`dns`, tried again once if it does not exist',
    [DNS, '%s is a failure of class dns with code %s'],
    [RETRIES, '$name is worth $retries retries'],
  ),
  held(
    2,
    'a name server that fails or is silent',
    '`dns`, tried again as `--retries` says',
    [DNS, 'a name server that is silent, or not there, is a failure of class dns'],
    [RETRIES, '$name is worth $retries retries'],
  ),
  held(3, 'a private address among public ones', '`blocked-address`', [
    DNS,
    'one private address among public ones is enough to refuse a redirect',
  ]),
  held(4, 'a name that gets another address after the check', 'the address that was checked is used', [
    DNS,
    'the connection goes to the address that was checked, whatever the name server says next',
  ]),
  held(
    44,
    'a redirect to an address of this machine or its network, in any spelling',
    '`blocked-address`, nothing sent',
    ['test/integration/fetch-guard.test.ts', 'a redirect to %s ends before anything is sent'],
  ),
  held(53, '429 or 503 with Retry-After', 'the host is left alone that long, others are not', [
    'test/integration/bounds.test.ts',
    'a host that answers 429 is left alone for its Retry-After, the others keep their rate, and nothing is lost',
  ]),
  held(
    54,
    'a Retry-After that is huge, negative, in the past or garbage',
    'a wait of a minute at most, or the usual one',
    [RETRIES, '"$value" means $ms'],
    [RETRIES, 'is capped at a minute'],
    ['test/property/retry-policy.property.test.ts', 'whatever a server sends as Retry-After is a safe wait or none'],
  ),
  held(62, 'patterns of robots.txt that are slow to match', 'time linear in the path', [
    'test/property/robots.property.test.ts',
    'hostile patterns take time linear in the path',
  ]),
  held(
    76,
    'a URL in odd writing, with a user name, or of 1 MB',
    'the URL as the WHATWG standard reads it, or a rejected line',
    ['test/unit/url/canonical.test.ts', 'reads %j as %j'],
    ['test/unit/url/canonical.test.ts', 'refuses %.60j: %s'],
    ['test/unit/url/seed-url.test.ts', '%.40j is refused: %s'],
    [LISTS, 'a line of more than 64 KB is rejected, whether it ends soon or late'],
  ),
  held(
    80,
    'a list with CRLF, BOM, in UTF-16, gzip or zstd, without a final newline',
    'read',
    [LISTS, 'a list in %s reads the same'],
    [
      'test/property/list-reading.property.test.ts',
      'whatever the line ends, encoding, packing and batch size: every line once, in order, and resumable at every cut',
    ],
  ),
  held(
    81,
    'blank lines, comments, duplicates, lines that are no URL',
    'counted, the bad ones with their line; exit 2 with `--strict`',
    [LISTS, 'every line of a plain list is one item: URL, bare host, comment, blank or rejected'],
    ['test/support/store-contract.ts', 'enters each line of a source once into its book'],
    [SAME_COMMAND, '--strict refuses a list with a bad line before any request'],
  ),
  held(
    82,
    'a list that is empty, missing, a directory or binary',
    'exit 2',
    [PRODUCERS, 'a list of %s is refused before anything runs'],
    [PRODUCERS, 'all problems come at once, one line each'],
    [USAGE, 'crawl %j is a usage error: one clear line on stderr, exit 2'],
  ),
  held(83, 'a list without end', 'read no faster than it is taken', [
    'test/unit/producer/stdin.test.ts',
    'an endless standard input is read no faster than batches are taken',
  ]),
  held(
    84,
    'a list edited between runs; another list',
    'its new URLs are added; exit 2 without `--add`',
    [SAME_COMMAND, 'an edited list adds its new URLs only'],
    [SAME_COMMAND, 'another list is refused with the count of what the file holds, unless --add is given'],
  ),
  held(
    85,
    'settings that are unknown, of the wrong type or contradictory',
    'exit 2, all problems at once',
    ['test/cli/config.test.ts', 'check prints all problems with file and path, exit 2'],
    ['test/unit/config/load.test.ts', '%j contradicts itself'],
    [USAGE, 'all problems of a command line come at once'],
  ),
  held(
    86,
    'a full disk',
    'exit 5, goes on when there is space',
    [STORAGE, 'full: exit 5 with the remedy, what was committed is kept, and it goes on when there is space'],
    [STORAGE, 'full from the start: exit 5 before any request'],
  ),
  held(87, 'a disk with little space left', 'a pause, with a warning', [
    STORAGE,
    'low: pauses, says so, and goes on by itself when there is space',
  ]),
  held(
    88,
    'writes and syncs that fail',
    'exit 5, the same command goes on',
    [
      'test/integration/storage-inject.test.ts',
      'failing writes and syncs end with exit 5, and the same command goes on',
    ],
    ['test/integration/storage-inject.long.ts', 'a write that takes nothing'],
  ),
  held(
    89,
    'a database that cannot be made or written',
    'exit 5',
    [USAGE, 'a file that cannot be made is refused with exit 5 before any request'],
    [DATABASE, 'refuses a folder that cannot be made'],
    [DATABASE, '%s says what to do'],
  ),
  held(
    90,
    "another program's lock on the file",
    'waited for',
    ['test/integration/storage-locks.long.ts', "another program's lock on the file is waited for: nothing is lost"],
    ['test/integration/storage-locks.long.ts', 'a file that is locked when the run starts is waited for'],
  ),
  held(91, 'two runs on one file', 'exit 5 for the second', [
    SIGNALS,
    'a second run on the same file is refused at once, and may follow when the first has been killed',
  ]),
  held(
    92,
    'a file that is damaged, cut short or no database',
    'exit 5, the file left as it is',
    [USAGE, 'a file that is no database is refused with exit 5 and left as it is'],
    [DATABASE, 'says how to rescue a truncated file, and leaves it as it is'],
    [DATABASE, 'says how to rescue a file of which pages are damaged, whatever reads it'],
  ),
  held(
    93,
    'a file of an older or a later version',
    'migrated after a copy; exit 5',
    [DATABASE, 'bring an older file up to date after copying it'],
    [DATABASE, 'refuses a file of a later version and names both versions'],
  ),
  held(
    94,
    '`kill -9` at any moment',
    'the same command goes on: nothing lost, nothing twice',
    [
      'test/integration/kill.test.ts',
      'after 20 kills at random moments the same command ends in the same set as a run that was never killed',
    ],
    [
      'test/integration/kill-import.test.ts',
      'an import that is killed over and over ends with exactly the URLs and the book of its list',
    ],
  ),
  held(95, 'power loss', 'a sound file; with `--durable` no commit is lost', [
    DATABASE,
    'has each commit synced with durable, and the log at checkpoints without',
  ]),
  held(
    96,
    'SIGINT once or twice, SIGTERM',
    'exit 130, 143; all is saved',
    [SIGNALS, '%s lets what is in flight finish, saves it and exits with %i'],
    [SIGNALS, 'a second SIGINT stops at once: what was in flight is asked again by the next run'],
  ),
  held(
    97,
    'a page on which a parser thread dies',
    'the body stored, `parse_error` `worker-crash`; `failed` at the second time',
    [
      'test/integration/deadly-pages.test.ts',
      'a page on which the thread leaves the process: fetched once more, stored unparsed, explained',
    ],
    [
      'test/integration/deadly-pages.test.ts',
      'a page on which the thread leaves even where it does not parse: failed at the second time',
    ],
  ),
  held(
    100,
    'no file descriptor, buffer or port left on this machine',
    'fewer fetches at a time, no URL lost',
    [
      MACHINE,
      'out of file descriptors: every URL is fetched in the end, with fewer at a time, and the run says so once',
    ],
    [
      'test/unit/engine/machine-limits.test.ts',
      'fetches in flight are halved once a second, however many attempts end like that',
    ],
  ),
  held(
    101,
    'a clock that jumps; a machine that stood still',
    'nothing waits longer, nothing fails for it',
    [CLOCK, 'a clock that is set back by a day goes on as it was, so that no retry waits for a day'],
    [CLOCK, 'a jump ahead is believed, and so are small corrections'],
    [MACHINE, 'a process that was stopped for longer than its timeout fetches everything without a failed attempt'],
  ),
  held(
    103,
    'cookies for foreign domains or public suffixes; too many of them',
    'refused; capped',
    [COOKIES, 'no site but its own, whatever is set where'],
    [COOKIES, 'of one answer, of one site and of many sites is capped, the least recently used going first'],
    [COOKIES, 'of big cookies does not make a header that servers refuse'],
  ),
  held(
    105,
    'a reader of standard output that leaves; a full disk behind it',
    'exit 4 without a word; exit 5',
    [SIGNALS, 'crawl --json | head -1 ends quietly, with work left, and resumes'],
    [SIGNALS, 'messages do not fit on their disk: the run goes on'],
    [SIGNALS, 'events do not fit on theirs: the run stops and says that some are missing'],
  ),
];
