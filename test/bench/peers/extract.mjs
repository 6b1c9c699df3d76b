/** What the Node peers extract from a page that is loaded into cheerio: title, length of the visible text, absolute links. */
export function extract($, url) {
  const title = $('title').first().text();
  const base = new URL($('base[href]').attr('href') ?? url, url);
  const links = new Set();
  $('a[href]').each((_, element) => {
    const href = $(element).attr('href');
    if (URL.canParse(href, base)) links.add(new URL(href, base).href);
  });
  $('script, style').remove();
  return { url, title, textLength: $('body').text().length, links: [...links] };
}
