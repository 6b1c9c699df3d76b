/**
 * The tables: singular names, integers for machines (times in ms since 1970, sizes in bytes). They are the store's own and
 * may change with a migration; what users rely on are the views (`views.ts`).
 *
 * SQLite keeps the comments inside a CREATE statement, so `sqlite3 list.db .schema` explains the file by itself: what
 * stands in the strings below is documentation for people who open the database.
 *
 * Four layout choices, measured in `test/bench/store.bench.ts`:
 * - Rows that scans read (fetch, page, body) are small; what is big (content, page_text) has tables of its own.
 * - Everything a page brings is appended, under its own id (`page.id = fetch.id`): no index is needed to find it.
 * - The links of a page are one row: as rows of their own the 23 of a page cost more than all else that it brings.
 * - Look-up by value goes over `*_hash` tables filled in sorted portions (`hash-index.ts`), not over UNIQUE text indexes.
 *
 * And one in `test/bench/scale.ts`:
 * - The queue is indexed by host within segments of ids. One index by host over all ids would be written all over by every
 *   batch of a list whose lines are on many hosts: a page of 16 KiB a line. A segment is small enough to stay in the cache.
 */

/** "Weir" in ASCII: tells a Weir database from any other SQLite file. */
export const APPLICATION_ID = 0x57656972;

const RUN_TABLES = `
CREATE TABLE run (
  -- One row an invocation of crawl on this file.
  id            INTEGER PRIMARY KEY,
  started_at    INTEGER NOT NULL,            -- ms since 1970 UTC
  ended_at      INTEGER,                     -- NULL: still running, or killed
  state         TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'limit', 'failed')),
  reason        TEXT,                        -- why it stopped
  argv          TEXT NOT NULL,               -- command line as a JSON array
  config        TEXT NOT NULL,               -- effective settings as JSON, secrets redacted
  versions      TEXT NOT NULL,
  pid           INTEGER NOT NULL,
  hostname      TEXT NOT NULL,
  -- What this run committed:
  fetches       INTEGER NOT NULL DEFAULT 0,
  done          INTEGER NOT NULL DEFAULT 0,
  failed        INTEGER NOT NULL DEFAULT 0,
  skipped       INTEGER NOT NULL DEFAULT 0,
  retries       INTEGER NOT NULL DEFAULT 0,  -- attempts after which the URL went back to the queue
  wire_bytes    INTEGER NOT NULL DEFAULT 0,
  decoded_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE stage_stat (
  -- One row a run, second and stage: how full each queue was, and who waited for whom.
  run_id           INTEGER NOT NULL REFERENCES run (id),
  second           INTEGER NOT NULL,         -- since the start of the run
  stage            TEXT NOT NULL,
  capacity         INTEGER NOT NULL,
  length           INTEGER NOT NULL,
  high_water       INTEGER NOT NULL,
  passed           INTEGER NOT NULL,
  producer_waits   INTEGER NOT NULL,
  producer_wait_ms REAL NOT NULL,
  consumer_waits   INTEGER NOT NULL,
  consumer_wait_ms REAL NOT NULL,
  PRIMARY KEY (run_id, second, stage)
) STRICT, WITHOUT ROWID;
`;

const SOURCE_TABLES = `
CREATE TABLE source (
  -- Where URLs came from: a list, stdin, a pattern, the command line. An edited list is a new source.
  -- The second book: lines = added + known_before + duplicate + rejected + blank.
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL CHECK (kind IN ('file', 'stdin', 'pattern', 'arguments', 'api')),
  name         TEXT NOT NULL,                -- absolute path, pattern, '-', or a digest of the URLs
  fingerprint  TEXT,                         -- changes when the content does
  size_bytes   INTEGER,
  keep_columns INTEGER NOT NULL,             -- 1: every line has a row in input
  byte_offset  INTEGER NOT NULL DEFAULT 0,   -- where an interrupted import goes on
  line         INTEGER NOT NULL DEFAULT 0,
  complete     INTEGER NOT NULL DEFAULT 0,   -- 1: read to its end
  lines        INTEGER NOT NULL DEFAULT 0,
  added        INTEGER NOT NULL DEFAULT 0,   -- new URLs
  known_before INTEGER NOT NULL DEFAULT 0,   -- URLs that another source had brought
  duplicate    INTEGER NOT NULL DEFAULT 0,   -- URLs that this source had already brought
  rejected     INTEGER NOT NULL DEFAULT 0,   -- not a URL
  blank        INTEGER NOT NULL DEFAULT 0,   -- blank lines and comments
  bare_hosts   INTEGER NOT NULL DEFAULT 0    -- written without a scheme, read as https://
) STRICT;

CREATE TABLE input (
  -- Lines worth keeping: rejected and duplicate ones, and every line where the list's other columns are kept.
  source_id INTEGER NOT NULL REFERENCES source (id),
  line      INTEGER NOT NULL,
  kind      TEXT NOT NULL CHECK (kind IN ('url', 'duplicate', 'rejected')),
  url       TEXT NOT NULL,                   -- canonical URL; as written where rejected
  url_id    INTEGER REFERENCES url (id),
  reason    TEXT,                            -- why it was rejected
  columns   TEXT,                            -- the line's other columns as JSON
  PRIMARY KEY (source_id, line)
) STRICT, WITHOUT ROWID;
`;

const FRONTIER_TABLES = `
CREATE TABLE host (
  -- The unit of politeness: a host name, whatever scheme or port.
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0      -- Retry-After: leave the host alone until then (ms since 1970)
) STRICT;

CREATE INDEX host_paused ON host (not_before) WHERE not_before > 0;

CREATE TABLE url (
  -- The frontier: every URL known, once. Rows are never deleted, so ids run from 1 without a gap.
  -- The first book: known = queued + done + failed + skipped.
  id         INTEGER PRIMARY KEY,
  url        TEXT NOT NULL,                  -- canonical (WHATWG)
  host_id    INTEGER NOT NULL REFERENCES host (id),
  state      TEXT NOT NULL CHECK (state IN ('queued', 'done', 'failed', 'skipped')),
  reason     TEXT,                           -- error class of a failed, reason of a skipped URL; last error of a waiting one
  depth      INTEGER NOT NULL,               -- link hops from the list (0)
  priority   INTEGER NOT NULL,               -- smaller is sooner
  source_id  INTEGER REFERENCES source (id),
  line       INTEGER,                        -- in that source
  referrer   INTEGER REFERENCES url (id),    -- the page it was found on
  attempts   INTEGER NOT NULL DEFAULT 0,     -- over its whole life
  round_base INTEGER NOT NULL DEFAULT 0,     -- attempts before the present round: crawl retry starts a new one
  spent_ms   INTEGER NOT NULL DEFAULT 0,     -- in the attempts of the present round
  not_before INTEGER NOT NULL DEFAULT 0      -- a retry waits until then (ms since 1970); 0: not a retry
) STRICT;

-- What went wrong, counted in milliseconds at any size.
CREATE INDEX url_ended ON url (state, reason) WHERE state IN ('failed', 'skipped');
`;

/** URLs of one segment of the queue's index have ids that differ only in their last 18 bits: 262,144 URLs. */
export const SEGMENT_BITS: number = 18;

/** Since version 2. Claims read these, host by host; settled URLs leave them. */
export const QUEUE_INDEXES: string = `
-- URLs never tried, or put back by crawl retry: by priority and age.
CREATE INDEX IF NOT EXISTS url_fresh ON url (priority, id >> ${SEGMENT_BITS}, host_id) WHERE state = 'queued' AND not_before = 0;
-- Retries by due time.
CREATE INDEX IF NOT EXISTS url_retry ON url (host_id, not_before, priority) WHERE state = 'queued' AND not_before > 0;
`;

/** Since version 2. */
export const ORIGIN_TABLE = `
CREATE TABLE IF NOT EXISTS origin (
  -- robots.txt of each scheme, host and port that was asked for it: the latest answer.
  id             INTEGER PRIMARY KEY,
  origin         TEXT NOT NULL UNIQUE,         -- scheme://host[:port]
  -- disallow-all: it has a file and did not give it; unreachable: no connection, as its pages tell in detail
  access         TEXT NOT NULL CHECK (access IN ('rules', 'allow-all', 'disallow-all', 'unreachable')),
  fetched_at     INTEGER NOT NULL,             -- ms since 1970
  expires_at     INTEGER NOT NULL,             -- asked again from then on
  tries          INTEGER NOT NULL,
  status         INTEGER,                      -- of the last answer
  error_class    TEXT,
  error          TEXT,
  crawl_delay_ms INTEGER,                      -- as asked for; the pace takes at most 30 s of it
  truncated      INTEGER NOT NULL,             -- 1: longer than what was read
  redirects      TEXT,                         -- [{url, status, location}, …]; NULL: none
  encoding       TEXT NOT NULL CHECK (encoding IN ('identity', 'zstd')),
  robots         BLOB                          -- the file, decoded from the wire, at most 500 KiB; NULL: none
) STRICT;
`;

/** Since version 2. */
export const LISTED_PORT_TABLE = `
CREATE TABLE IF NOT EXISTS listed_port (
  -- Hosts and ports of which the user listed a URL: only there may a redirect lead to a private address.
  host_id INTEGER NOT NULL REFERENCES host (id),
  port    INTEGER NOT NULL,
  PRIMARY KEY (host_id, port)
) STRICT, WITHOUT ROWID;
`;

/** Since version 2. */
export const HOST_BACKOFF_TABLE = `
CREATE TABLE IF NOT EXISTS host_backoff (
  -- Hosts that refused (429, 503) or did not answer in time: how they are asked since then, and why.
  host_id  INTEGER PRIMARY KEY REFERENCES host (id),
  slots    REAL,                             -- fetches in flight at most; NULL: as the settings say, it answers again
  extra_ms INTEGER NOT NULL,                 -- added to its delay
  reason   TEXT NOT NULL,                    -- the last change: status or error class, Retry-After as it came and as obeyed
  at       INTEGER NOT NULL                  -- ms since 1970
) STRICT;
`;

/** Until version 2: a row a link. */
const LINK_TABLE = `
CREATE TABLE link (
  id      INTEGER PRIMARY KEY,               -- page_id * 16384 + position
  page_id INTEGER NOT NULL REFERENCES page (id),
  "to"    TEXT NOT NULL,
  anchor  TEXT NOT NULL,
  rel     TEXT,
  n       INTEGER NOT NULL
) STRICT;
`;

/** Since version 3. */
export const PAGE_LINK_TABLE = `
CREATE TABLE page_link (
  -- Distinct links of a page in document order; the view links shows one a row.
  page_id INTEGER PRIMARY KEY REFERENCES page (id),
  links   TEXT NOT NULL                      -- JSON: [[to, anchor (the first one's, at most 200 characters), rel, times on the page], …]
) STRICT;
`;

const PAGE_TABLES = `
CREATE TABLE fetch (
  -- Every attempt at a URL, with or without an answer. Times in ms; NULL: that phase did not happen.
  id            INTEGER PRIMARY KEY,
  url_id        INTEGER NOT NULL REFERENCES url (id),
  attempt       INTEGER NOT NULL,
  run_id        INTEGER NOT NULL REFERENCES run (id),
  started_at    INTEGER NOT NULL,
  status        INTEGER,
  error_class   TEXT,
  error_code    TEXT,
  error         TEXT,
  dns_ms        INTEGER,
  connect_ms    INTEGER,
  ttfb_ms       INTEGER,
  total_ms      INTEGER NOT NULL,
  wait_ms       INTEGER NOT NULL,            -- from the claim to the start: host, permit, window
  wire_bytes    INTEGER NOT NULL,            -- body as it came
  decoded_bytes INTEGER,                     -- body after decoding; NULL: no complete body
  headers       TEXT,                        -- [[name, value], …] as received
  redirects     TEXT,                        -- [{url, status, location}, …]; NULL: none
  final_url     TEXT,                        -- NULL: the URL itself
  address       TEXT,
  http_version  TEXT
) STRICT;

CREATE INDEX fetch_url ON fetch (url_id);

CREATE TABLE body (
  -- A body, stored once however many URLs answered it: the SHA-256 is that of the decoded bytes.
  id           INTEGER PRIMARY KEY,
  sha256       BLOB NOT NULL,
  bytes        INTEGER NOT NULL,             -- decoded
  encoding     TEXT NOT NULL CHECK (encoding IN ('identity', 'gzip', 'deflate', 'deflate-raw', 'br', 'zstd')),
  stored_bytes INTEGER                       -- size of its content row; NULL: not kept (--bodies none)
) STRICT;

CREATE TABLE content (
  body_id INTEGER PRIMARY KEY REFERENCES body (id),
  content BLOB NOT NULL                      -- under body.encoding
) STRICT;

CREATE TABLE page (
  -- The latest answer of a URL and what the parser made of it.
  id             INTEGER PRIMARY KEY REFERENCES fetch (id),
  url_id         INTEGER NOT NULL UNIQUE REFERENCES url (id),
  body_id        INTEGER REFERENCES body (id),
  content_type   TEXT,
  title          TEXT,
  description    TEXT,
  h1             TEXT,
  lang           TEXT,
  canonical      TEXT,
  charset        TEXT,
  charset_source TEXT,                       -- bom, header, meta, detected, default
  words          INTEGER,
  parse_error    TEXT,
  warning        TEXT,
  links_total    INTEGER                     -- distinct links before any cap; NULL: not parsed for links
) STRICT;

CREATE INDEX page_body ON page (body_id);

CREATE TABLE page_text (
  page_id INTEGER PRIMARY KEY REFERENCES page (id),
  text    TEXT NOT NULL                      -- visible text, white space collapsed
) STRICT;

CREATE TABLE item (
  -- Rows extracted by the rules of the config; each data set has a view of its name.
  id      INTEGER PRIMARY KEY,
  page_id INTEGER NOT NULL REFERENCES page (id),
  dataset TEXT NOT NULL,
  fields  TEXT NOT NULL                      -- JSON object
) STRICT;

CREATE INDEX item_page ON item (page_id);
CREATE INDEX item_dataset ON item (dataset);
`;

const LOOKUP_TABLES = `
CREATE TABLE url_hash (
  -- 52-bit hash of url.url. Not unique: whoever finds a row compares the text. Holds ids up to lookup.up_to.
  hash INTEGER NOT NULL,
  id   INTEGER NOT NULL,
  PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE host_hash (
  -- 52-bit hash of host.name.
  hash INTEGER NOT NULL,
  id   INTEGER NOT NULL,
  PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE body_hash (
  -- First 48 bits of body.sha256.
  hash INTEGER NOT NULL,
  id   INTEGER NOT NULL,
  PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE lookup (
  -- How far each *_hash table is filled; rows with greater ids are found by scanning (a running crawl keeps them in memory).
  name  TEXT PRIMARY KEY,
  up_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO lookup VALUES ('url', 0), ('host', 0), ('body', 0);
`;

export const TABLES: string =
  RUN_TABLES +
  SOURCE_TABLES +
  FRONTIER_TABLES +
  QUEUE_INDEXES +
  LISTED_PORT_TABLE +
  HOST_BACKOFF_TABLE +
  ORIGIN_TABLE +
  PAGE_TABLES +
  LINK_TABLE +
  LOOKUP_TABLES;
