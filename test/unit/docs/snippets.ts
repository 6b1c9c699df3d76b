/** Pieces of Markdown for the tests of documents: fenced blocks, command lines, links. */

export interface Fence {
  /** The word after the opening fence; '' where there is none. */
  readonly language: string;
  readonly text: string;
}

/** Fenced code blocks, in order. */
export function fences(markdown: string): Fence[] {
  return Array.from(markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm), ([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The only block in `language`. @throws {Error} where there is none, or another one. */
export function onlyFence(markdown: string, language: string): string {
  const found = fences(markdown).filter((fence) => fence.language === language);
  if (found.length !== 1) throw new Error(`${String(found.length)} blocks in ${language}, expected 1`);
  return found[0]?.text ?? '';
}

/** Targets of the links that lead to files of this repository, with what stands behind `#`. */
export function fileLinks(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```$/gm, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target).filter(
    (target) => !/^[a-z]+:/.test(target),
  );
}

/** Every `crawl …` that a reader might type: in code between backticks, and in lines of shell blocks. */
export function commandLines(markdown: string): string[] {
  const inline = Array.from(
    markdown.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g),
    ([, code = '']) => code,
  );
  const shell = fences(markdown)
    .filter(({ language }) => language === 'sh' || language === 'console')
    .flatMap(({ text }) => text.split('\n'));
  return [...inline, ...shell].flatMap((line) => /(?:^|[\s$])(?:npx )?(crawl (?:-|\w|http).*)$/.exec(line)?.[1] ?? []);
}
