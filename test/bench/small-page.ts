/** The tiny page that `small-server.ts` answers with, a title of its own for each path; benchmarks check answers against it. */
export function smallPage(path: string): string {
  return `<!doctype html><title>Page ${path}</title><p>A small page.</p><a href="/">up</a>\n`;
}
