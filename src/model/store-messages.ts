/** What parser threads post to the store thread over their own ports; everything else the store's client keeps to itself. */
import type { PageResult } from './page.ts';

export interface ResultsMessage {
  readonly type: 'results';
  readonly results: readonly PageResult[];
}
