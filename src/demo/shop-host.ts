/**
 * `shop.localhost`: 500 products to extract data from, each with `h1`, `.price`, `.sku`, `.description` and `ul.tags li`,
 * and the category pages that list them. One product in fifteen is sold out (no `.price`): an extraction yields null there.
 */
import { escapeHtml } from './html.ts';
import type { DemoAnswer, DemoHost, DemoRequest } from './host.ts';
import { htmlAnswer, numberOf, numbered } from './host.ts';
import { drawLength, headline, paragraphs, sentence } from './prose.ts';
import { between, pick, seededRandom } from './random.ts';

const PRODUCTS = 500;
const PER_CATEGORY = 20;
const CATEGORIES = PRODUCTS / PER_CATEGORY;

const MATERIALS = ['Copper', 'Oak', 'Enamel', 'Linen', 'Cast-iron', 'Glass', 'Bamboo', 'Slate'];
const THINGS = ['kettle', 'bucket', 'lantern', 'water gauge', 'sluice model', 'rain barrel', 'apron', 'measuring rod'];
const TAGS = ['garden', 'kitchen', 'river', 'workshop', 'gift', 'handmade', 'outdoor', 'sale'];

/** What a product page says, for tests of extraction. */
export interface DemoProduct {
  readonly name: string;
  readonly sku: string;
  /** As printed, `€ 12.50`; `null` when sold out. */
  readonly price: string | null;
  readonly description: string;
  readonly tags: readonly string[];
}

export const shopHost: DemoHost = {
  name: 'shop.localhost',
  purpose: 'a shop: products to extract data from',
  paths: ['/', ...numbered('/product/', PRODUCTS), ...numbered('/category/', CATEGORIES)],
  answer(request) {
    if (request.path === '/') return front(request);
    const product = numberOf(request.path, '/product/', PRODUCTS);
    if (product !== null) return productPage(request, product);
    const category = numberOf(request.path, '/category/', CATEGORIES);
    return category === null ? null : categoryPage(category);
  },
};

/** Product `number` (from 1) of the shop that belongs to `seed`. */
export function demoProduct(seed: number, number: number): DemoProduct {
  const random = seededRandom(seed, `product${number}`);
  const name = `${pick(random, MATERIALS)} ${pick(random, THINGS)} No. ${number}`;
  const cents = between(random, 300, 19_900);
  const first = between(random, 0, TAGS.length - 1);
  return {
    name,
    sku: `W-${String(number).padStart(4, '0')}`,
    price: number % 15 === 0 ? null : `€ ${(cents / 100).toFixed(2)}`,
    description: sentence(random, 'en').trim(),
    tags: Array.from({ length: between(random, 1, 4) }, (_, i) => TAGS[(first + i) % TAGS.length] as string),
  };
}

function productPage(request: DemoRequest, number: number): DemoAnswer {
  const product = demoProduct(request.seed, number);
  const random = seededRandom(request.seed, `shop${request.path}`);
  const category = Math.ceil(number / PER_CATEGORY);
  const price = product.price === null ? '<p class="sold-out">Sold out</p>' : `<p class="price">${product.price}</p>`;
  const related = Array.from({ length: 6 }, () => between(random, 1, PRODUCTS));
  const main = `<article class="product">
<h1>${escapeHtml(product.name)}</h1>
${price}
<p>Article <span class="sku">${product.sku}</span></p>
<p class="description">${escapeHtml(product.description)}</p>
<ul class="tags">${product.tags.map((tag) => `<li>${tag}</li>`).join('')}</ul>
</article>
<h2>What customers say</h2>
${paragraphs(random, 'en', drawLength(random) / 3)}`;
  const links = [
    { href: '/', text: 'Shop' },
    { href: `/category/${category}`, text: `Category ${category}` },
    ...related.map((other) => ({ href: `/product/${other}`, text: `See also No. ${other}` })),
  ];
  return htmlAnswer(
    { language: 'en', title: `${product.name} – Weir Shop`, description: product.description, links, main },
    { latencyMs: between(random, 40, 140) },
  );
}

function categoryPage(category: number): DemoAnswer {
  const first = (category - 1) * PER_CATEGORY + 1;
  const links = Array.from({ length: PER_CATEGORY }, (_, i) => ({
    href: `/product/${first + i}`,
    text: `No. ${first + i}`,
  }));
  return htmlAnswer(
    {
      language: 'en',
      title: `Category ${category} – Weir Shop`,
      description: null,
      links,
      main: `<h1>Category ${category}</h1>\n`,
    },
    { latencyMs: 90 },
  );
}

function front(request: DemoRequest): DemoAnswer {
  const links = numbered('/category/', CATEGORIES).map((href) => ({ href, text: href.slice(1).replace('/', ' ') }));
  const random = seededRandom(request.seed, 'shop/');
  return htmlAnswer(
    { language: 'en', title: 'Weir Shop', description: headline(random, 'en'), links, main: '<h1>Weir Shop</h1>\n' },
    { latencyMs: 90 },
  );
}
