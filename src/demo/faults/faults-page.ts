/** Manifest, rows 68 to 74 and 79: pages that are hard to decode, to parse or to show. */
import { body, charset, linksTotal, someBody, title, warning } from './expectations.ts';
import { fails, fault, ok, type Fault } from './fault.ts';
import { hostileTitle, imageBytes } from './routes-html.ts';

const greeting = title('Grüße');
const lossy = warning('flag for replaced characters', /replaced characters/);
/** As the HTML standard has it for titles: white space collapsed, nothing else changed. */
const shownTitle = hostileTitle.replaceAll(/\s+/g, ' ');
/** Without rules none of these gives the parser trouble; with rules a tree is built, and given up. */
const parsedOrGivenUp = ok(200, 'parse-timeout', 'parse-memory');

export const PAGE_FAULTS: readonly Fault[] = [
  fault(
    68,
    'bom',
    'a BOM against the header',
    '/html/charset/bom-beats-header',
    ok(),
    greeting,
    charset('utf-8', 'bom'),
  ),
  fault(
    68,
    'header-charset',
    'the header against meta',
    '/html/charset/header-beats-meta',
    ok(),
    greeting,
    charset('utf-8', 'header'),
  ),
  fault(68, 'meta-charset', 'meta alone', '/html/charset/meta', ok(), greeting, charset('windows-1252', 'meta')),
  fault(68, 'quoted-charset', 'a quoted charset', '/html/charset/quoted', ok(), greeting, charset('utf-8', 'header')),
  fault(68, 'unknown-charset', 'an unknown charset', '/html/charset/unknown', ok(), greeting, charset('utf-8', 'meta')),
  fault(68, 'lying-charset', 'Latin-1 that says UTF-8', '/html/charset/lie', ok(), someBody, lossy),
  fault(69, 'invalid-utf8', 'invalid UTF-8', '/html/text/invalid-utf8', ok(), someBody, lossy),
  fault(69, 'nul', 'NUL in the text', '/html/text/nul', ok(), someBody),
  fault(69, 'surrogate', 'a lone surrogate', '/html/text/surrogate', ok(), someBody, lossy),
  fault(70, 'no-bytes', 'an empty body', '/empty-body', ok(), body('', '0 bytes')),
  fault(70, 'no-type', 'no Content-Type', '/no-type', ok(), title('Untyped')),
  fault(70, 'wrong-type', 'an image called HTML', '/html/type/wrong', ok(), body(imageBytes)),
  fault(70, 'html-as-image', 'HTML called an image', '/html/type/image', ok(), someBody),
  fault(71, 'one-line', 'a line of 50 MB', '/html/line', fails(200, 'never', 'too-large')),
  fault(71, 'one-line-fits', 'a line of 5 MB', '/html/line?bytes=5000000', ok(), someBody),
  fault(72, 'deep', '100,000 nested elements', '/html/deep', parsedOrGivenUp, someBody),
  fault(73, 'formatting', 'misnested formatting elements', '/html/formatting', parsedOrGivenUp, someBody),
  fault(73, 'attributes', '200,000 attributes', '/html/attributes', parsedOrGivenUp, someBody),
  fault(
    74,
    'links',
    '600,000 links',
    '/html/links',
    parsedOrGivenUp,
    someBody,
    linksTotal(600_000),
    warning('flag for the cap', /only the first 10000 of 600000 links/),
  ),
  fault(79, 'hostile-title', 'markup, SQL, ANSI and CRLF in the title', '/html/title', ok(), title(shownTitle)),
];
