import { describe, expect, it } from 'vitest';
import { parserPlacement } from '../../../src/engine/parser-placement.ts';
import type { Settings } from '../../../src/model/settings.ts';

const parse = (parts: Partial<Settings['parse']>): Settings['parse'] => ({
  mode: 'full',
  parsers: null,
  links: 'all',
  text: true,
  extract: [],
  ...parts,
});

describe('parserPlacement', () => {
  it('leaves two cores to the main thread and the store, and adds a thread where pages pile up', () => {
    expect(parserPlacement(parse({}), 8)).toEqual({ threads: 6, mostThreads: 7, isGuest: false });
    expect(parserPlacement(parse({}), 2)).toEqual({ threads: 1, mostThreads: 2, isGuest: false });
    expect(parserPlacement(parse({}), 1)).toEqual({ threads: 1, mostThreads: 1, isGuest: false });
  });

  it('lets mere decoding be done by the store’s thread where there are no more than two cores', () => {
    expect(parserPlacement(parse({ mode: 'none' }), 2)).toEqual({ threads: 1, mostThreads: 1, isGuest: true });
    expect(parserPlacement(parse({ mode: 'none' }), 1)).toEqual({ threads: 1, mostThreads: 1, isGuest: true });
    expect(parserPlacement(parse({ mode: 'none' }), 3)).toEqual({ threads: 1, mostThreads: 1, isGuest: false });
    expect(parserPlacement(parse({ mode: 'links' }), 2)).toMatchObject({ isGuest: false });
  });

  it('gives as many threads as are asked for', () => {
    expect(parserPlacement(parse({ mode: 'none', parsers: 1 }), 2)).toEqual({
      threads: 1,
      mostThreads: 1,
      isGuest: false,
    });
    expect(parserPlacement(parse({ parsers: 5 }), 2)).toEqual({ threads: 5, mostThreads: 5, isGuest: false });
  });
});
