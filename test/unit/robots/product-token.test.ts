import { expect, it } from 'vitest';
import { productToken } from '../../../src/robots/product-token.ts';

it.each([
  ['Weir/0.2 (+https://example.com/bot)', 'weir'],
  ['my-bot_x', 'my-bot_x'],
  ['Mozilla/5.0 (compatible; ExampleBot/2.1; +http://example.com)', 'examplebot'],
  ['Mozilla/5.0 (X11; Linux x86_64)', 'mozilla'],
  ['007', ''],
])('%s is known as %s', (userAgent, token) => {
  expect(productToken(userAgent)).toBe(token);
});
