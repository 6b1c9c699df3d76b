/**
 * The URLs most like one that is not there: a slip of the fingers, another scheme, a slash too many. Pure; likeness is
 * what two texts share at their beginning and at their end, which is where slips leave a URL unchanged.
 */

/** At most `limit` of `candidates`, the most alike first; in their order where equally alike. */
export function nearestUrls(url: string, candidates: readonly string[], limit: number): string[] {
  return candidates
    .map((candidate) => ({ candidate, distance: unshared(url, candidate) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Other spellings under which the same page is often listed: the other scheme, with and without `www.` and a last slash. */
export function spellingsOf(url: string): string[] {
  const parsed = URL.parse(url);
  if (parsed === null) return [];
  const found = new Set<string>();
  for (const scheme of ['http:', 'https:']) {
    for (const host of hostSpellings(parsed)) {
      for (const path of [parsed.pathname.replace(/\/$/, ''), parsed.pathname.replace(/\/?$/, '/')]) {
        const spelling = URL.parse(`${scheme}//${host}${path}${parsed.search}`);
        if (spelling !== null && spelling.href !== url) found.add(spelling.href);
      }
    }
  }
  return [...found];
}

function hostSpellings({ host }: URL): string[] {
  return host.startsWith('www.') ? [host, host.slice(4)] : [host, `www.${host}`];
}

/** Characters of the longer text that stand neither in the common beginning nor in the common end. */
function unshared(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return Math.max(a.length, b.length) - start - end;
}
