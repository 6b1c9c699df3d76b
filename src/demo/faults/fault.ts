/**
 * What one entry of the manifest says: which fault, where it is met, and what the database must hold afterwards. Plain data and
 * pure functions; `manifest.ts` gathers the entries, `judge.ts` holds them against a database, `docs/faults.md` is made from them.
 */
import type { ErrorClass, RetryRule } from '../../model/error-codes.ts';
import type { FaultRecord } from './record.ts';

/** Where the fault site listens, and how the crawl was told to behave. */
export interface FaultScene {
  readonly http: number;
  /** HTTPS with a good certificate of the site's own authority. */
  readonly https: number;
  readonly 'self-signed': number;
  readonly expired: number;
  readonly 'wrong-host': number;
  /** Resets what connects to it as soon as it hears something. */
  readonly resetting: number;
  /** Its backlog is full: nothing answers a connect. */
  readonly deaf: number;
  /** Nothing listens there. */
  readonly refusing: number;
  /** `--retries` of the crawl. */
  readonly retries: number;
}

/** The listeners of the site: keys of `FaultScene`. */
export type Listener = Exclude<keyof FaultScene, 'retries'>;

/** Something that must be recorded: in words, and as a test of it. */
export interface Expectation {
  readonly text: string;
  /** `null` = as it should be; else what is wrong. */
  readonly wrong: (record: FaultRecord, scene: FaultScene) => string | null;
}

/** Where a fault is met. */
export interface Place {
  /** Default `http`. */
  readonly listener?: Listener;
  /** Default: that of the listener. */
  readonly scheme?: 'http' | 'https';
  /** Label of the host. Default: the fault's id. */
  readonly host?: string;
  /** Path and query. Default: '/'. */
  readonly path?: string | ((scene: FaultScene) => string);
}

/** How it may end: any of the classes, with this status and so many attempts. */
export interface Ends {
  readonly status: number | null;
  /** How often a failure is tried again. */
  readonly retry: RetryRule;
  /** `ok` = done. Of pages that are done and that parsing gave up: the `parse_error` that they may carry. */
  readonly classes: readonly (ErrorClass | 'ok')[];
}

export interface Fault {
  /** Also its host: `ID.faults.localhost`, so that no fault waits for another. Lower case, digits and hyphens. */
  readonly id: string;
  /** Faults of one row are of one kind; the documentation is ordered by them. */
  readonly row: number;
  /** What the server does, for people. */
  readonly title: string;
  readonly at: Place;
  readonly ends: Ends;
  readonly recorded: readonly Expectation[];
}

/** An entry of the manifest in one line; `at` as a string is a path on the plain listener. */
export function fault(
  row: number,
  id: string,
  title: string,
  at: string | Place,
  ends: Ends,
  ...recorded: readonly Expectation[]
): Fault {
  return { row, id, title, at: typeof at === 'string' ? { path: at } : at, ends, recorded };
}

/** It fails, as one of these classes. */
export function fails(status: number | null, retry: RetryRule, ...classes: readonly ErrorClass[]): Ends {
  return { status, retry, classes };
}

/** It ends well, perhaps with one of these as `parse_error`. */
export function ok(status = 200, ...parseErrors: readonly ErrorClass[]): Ends {
  return { status, retry: 'never', classes: ['ok', ...parseErrors] };
}

/** The URL at which a fault is met. */
export function urlOf(fault: Fault, scene: FaultScene): string {
  const { listener = 'http', scheme = SCHEMES[listener], host = fault.id, path = '/' } = fault.at;
  return `${scheme}://${hostOf(host)}:${scene[listener]}${typeof path === 'string' ? path : path(scene)}`;
}

/** Host name of a label: a loopback name by RFC 6761 §6.3, which no resolver is asked for. */
export function hostOf(label: string): string {
  return `${label}.faults.localhost`;
}

const SCHEMES: Readonly<Record<Listener, 'http' | 'https'>> = {
  http: 'http',
  https: 'https',
  'self-signed': 'https',
  expired: 'https',
  'wrong-host': 'https',
  resetting: 'https',
  deaf: 'http',
  refusing: 'http',
};
