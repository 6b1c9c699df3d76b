/** Puts a demo page together: head, navigation, main part, footer. In: the parts. Out: the HTML as text. */
import type { DemoLanguage } from './prose.ts';

export interface DemoLink {
  readonly href: string;
  readonly text: string;
  readonly rel?: string;
}

export interface DemoPage {
  readonly language: DemoLanguage;
  readonly title: string;
  readonly description: string | null;
  readonly links: readonly DemoLink[];
  /** HTML of the main part, headings included. */
  readonly main: string;
}

/** The page as HTML text. `metaCharset` is declared in a `<meta>`; `null` = it is not declared there. */
export function renderPage(page: DemoPage, metaCharset: string | null): string {
  const description =
    page.description === null ? '' : `<meta name="description" content="${escapeHtml(page.description)}">\n`;
  return `<!doctype html>
<html lang="${page.language}">
<head>
${metaCharset === null ? '' : `<meta charset="${metaCharset}">\n`}<title>${escapeHtml(page.title)}</title>
${description}<style>body{max-width:44em;margin:2em auto;font-family:sans-serif}</style>
</head>
<body>
<nav><ul>
${page.links.map(renderLink).join('\n')}
</ul></nav>
<main>
${page.main}</main>
<footer><p>A page of the demo site.</p></footer>
</body>
</html>
`;
}

function renderLink(link: DemoLink): string {
  const rel = link.rel === undefined ? '' : ` rel="${link.rel}"`;
  return `<li><a href="${escapeHtml(link.href)}"${rel}>${escapeHtml(link.text)}</a></li>`;
}

/** Text made safe for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
