/**
 * The manifest: every fault that the site offers, in the order of the rows. A new fault is a route (`routes-*.ts`) and an entry
 * in one of the lists; `docs/faults.md` is made from it (`node test/support/documents.ts`).
 */
import type { Fault } from './fault.ts';
import { CODING_FAULTS } from './faults-coding.ts';
import { CONNECTION_FAULTS } from './faults-connection.ts';
import { PAGE_FAULTS } from './faults-page.ts';
import { PROTOCOL_FAULTS } from './faults-protocol.ts';
import { REDIRECT_FAULTS, STATUS_FAULTS } from './faults-redirect.ts';

export const FAULTS: readonly Fault[] = [
  ...CONNECTION_FAULTS,
  ...PROTOCOL_FAULTS,
  ...CODING_FAULTS,
  ...REDIRECT_FAULTS,
  ...STATUS_FAULTS,
  ...PAGE_FAULTS,
];
