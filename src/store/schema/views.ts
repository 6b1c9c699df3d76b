/**
 * The views: plural names, times as ISO-8601 UTC text, digests in hex. These are the promises of the file: their first
 * columns keep name and order from version to version; new columns are added at the end.
 */

/** SQL for a ms-since-1970 column as ISO-8601 UTC text. */
function iso(column: string): string {
  return `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
}

/** As of version 2. */
export const HOSTS_VIEW: string = `
CREATE VIEW hosts AS
  -- Hosts with their URLs by state, and how they are asked since they refused or did not answer in time.
  SELECT host.name AS host, count(url.id) AS urls, sum(url.state = 'queued') AS queued, sum(url.state = 'done') AS done,
         sum(url.state = 'failed') AS failed, sum(url.state = 'skipped') AS skipped, sum(url.attempts) AS attempts,
         CASE WHEN host.not_before > 0 THEN ${iso('host.not_before')} END AS not_before,
         CAST(host_backoff.slots AS INTEGER) AS slots, host_backoff.extra_ms AS extra_delay_ms,
         host_backoff.reason AS backoff_reason, ${iso('host_backoff.at')} AS backoff_at
  FROM host
  LEFT JOIN host_backoff ON host_backoff.host_id = host.id
  LEFT JOIN url ON url.host_id = host.id
  GROUP BY host.id;
`;

/** Until version 2. */
const LINK_ROW_VIEWS = `
CREATE VIEW links AS
  -- Distinct links of each page.
  SELECT url.url AS "from", link."to", link.anchor, link.rel, link.n
  FROM link
  JOIN page ON page.id = link.page_id
  JOIN url ON url.id = page.url_id;

CREATE VIEW broken_links AS
  -- Links to URLs of this file that failed.
  SELECT source.url AS "from", link."to", link.anchor, target.reason
  FROM link
  JOIN url AS target ON target.url = link."to" AND target.state = 'failed'
  JOIN page ON page.id = link.page_id
  JOIN url AS source ON source.id = page.url_id;
`;

/** As of version 3. */
export const LINK_VIEWS: string = `
CREATE VIEW links AS
  -- Distinct links of each page.
  SELECT url.url AS "from", link.value ->> 0 AS "to", link.value ->> 1 AS anchor, link.value ->> 2 AS rel, link.value ->> 3 AS n
  FROM page_link
  JOIN page ON page.id = page_link.page_id
  JOIN url ON url.id = page.url_id, json_each(page_link.links) AS link;

CREATE VIEW broken_links AS
  -- Links to URLs of this file that failed.
  SELECT links."from", links."to", links.anchor, target.reason
  FROM links
  JOIN url AS target ON target.url = links."to" AND target.state = 'failed';
`;

export const VIEWS: string = `
CREATE VIEW pages AS
  -- Every URL that got an answer, 404 included: its latest.
  SELECT url.url, coalesce(fetch.final_url, url.url) AS final_url, fetch.status, page.content_type,
         fetch.decoded_bytes AS bytes, lower(hex(body.sha256)) AS sha256, page.title, page_text.text, page.charset,
         page.words, url.depth, fetch.total_ms, ${iso('fetch.started_at')} AS fetched_at, referrer.url AS referrer,
         url.state, url.attempts, fetch.wire_bytes, fetch.ttfb_ms, page.description, page.h1, page.lang, page.canonical,
         page.charset_source, page.parse_error, page.warning, page.links_total
  FROM page
  JOIN url ON url.id = page.url_id
  JOIN fetch ON fetch.id = page.id
  LEFT JOIN body ON body.id = page.body_id
  LEFT JOIN page_text ON page_text.page_id = page.id
  LEFT JOIN url AS referrer ON referrer.id = url.referrer;

CREATE VIEW sizes AS
  -- Pages fetched successfully and the size of their decoded bodies.
  SELECT url.url, fetch.decoded_bytes AS bytes, ${iso('fetch.started_at')} AS fetched_at
  FROM page
  JOIN url ON url.id = page.url_id
  JOIN fetch ON fetch.id = page.id
  WHERE url.state = 'done';

CREATE VIEW errors AS
  -- Every failed attempt, including those that a later one made good.
  SELECT url.url, fetch.attempt, fetch.status, fetch.error_class, fetch.error, ${iso('fetch.started_at')} AS at,
         fetch.error_code, fetch.total_ms
  FROM fetch
  JOIN url ON url.id = fetch.url_id
  WHERE fetch.error_class IS NOT NULL;

CREATE VIEW urls AS
  -- Every URL known and what became of it.
  SELECT url.url, url.state, url.reason, url.depth, url.attempts, host.name AS host,
         CASE WHEN url.not_before > 0 AND url.state = 'queued' THEN ${iso('url.not_before')} END AS not_before
  FROM url
  JOIN host ON host.id = url.host_id;

CREATE VIEW skipped AS
  -- URLs that were never asked for, and why.
  SELECT url.url, url.reason, url.depth
  FROM url
  WHERE url.state = 'skipped';

${LINK_ROW_VIEWS}
CREATE VIEW redirects AS
  -- Each hop of each answer that came by redirects.
  SELECT url.url, hop.key + 1 AS hop, hop.value ->> 'url' AS "from", hop.value ->> 'status' AS status,
         hop.value ->> 'location' AS location, fetch.final_url, fetch.attempt
  FROM fetch
  JOIN url ON url.id = fetch.url_id, json_each(fetch.redirects) AS hop
  WHERE fetch.redirects IS NOT NULL;

CREATE VIEW duplicates AS
  -- Pages whose decoded body is byte for byte that of an earlier page.
  SELECT url.url, original.url AS same_as, body.bytes, lower(hex(body.sha256)) AS sha256
  FROM page
  JOIN (SELECT body_id, min(id) AS id FROM page WHERE body_id IS NOT NULL GROUP BY body_id HAVING count(*) > 1) AS first
    ON first.body_id = page.body_id AND page.id > first.id
  JOIN url ON url.id = page.url_id
  JOIN page AS original_page ON original_page.id = first.id
  JOIN url AS original ON original.id = original_page.url_id
  JOIN body ON body.id = page.body_id;

${HOSTS_VIEW}
CREATE VIEW inputs AS
  -- Lines of the lists that were rejected or doubled, and every line where columns are kept.
  SELECT source.name AS source, input.line, input.kind, input.url, input.reason, input.columns
  FROM input
  JOIN source ON source.id = input.source_id;

CREATE VIEW items AS
  -- Extracted rows of all data sets.
  SELECT url.url, item.dataset, item.fields
  FROM item
  JOIN page ON page.id = item.page_id
  JOIN url ON url.id = page.url_id;
`;

/** Made when a run stores bodies plain (`--bodies plain`): they can then be read in any SQLite tool. */
export const CONTENTS_VIEW = `
CREATE VIEW IF NOT EXISTS contents AS
  -- Bodies that are stored as they are (--bodies plain). crawl query has content(url) for all of them.
  SELECT url.url, page.content_type, body.bytes, content.content
  FROM page
  JOIN url ON url.id = page.url_id
  JOIN body ON body.id = page.body_id
  JOIN content ON content.body_id = body.id
  WHERE body.encoding = 'identity';
`;
