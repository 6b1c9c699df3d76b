/**
 * Report: the JSON Schema (draft 2020-12) of the lines that `--json` writes, printed by `crawl config schema --events`.
 * A test holds real events against it.
 */

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const whole = { type: 'integer', minimum: 0 };
const wholeOrNull = { type: ['integer', 'null'], minimum: 0 };
const amount = { type: 'number', minimum: 0 };
const amountOrNull = { type: ['number', 'null'], minimum: 0 };
const flag = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };
const timeOrNull = { type: ['string', 'null'], format: 'date-time' };

const urlBook = record({ known: whole, queued: whole, done: whole, failed: whole, skipped: whole });

const sourceBook = record({
  sourceId: whole,
  name: text,
  lines: whole,
  added: whole,
  knownBefore: whole,
  duplicate: whole,
  rejected: whole,
  blank: whole,
  bareHosts: whole,
  complete: flag,
});

const holding = record({
  stage: { enum: ['host', 'retry', 'turn', 'connect', 'headers', 'body', 'parse', 'store', 'robots', 'import'] },
  url: textOrNull,
  host: textOrNull,
  sinceMs: amount,
  until: timeOrNull,
});

const gauge = record({
  capacity: whole,
  length: whole,
  highWater: whole,
  passed: whole,
  producerWaits: whole,
  producerWaitMs: amount,
  consumerWaits: whole,
  consumerWaitMs: amount,
});

const gauges = record({ import: gauge, ready: gauge, fetch: gauge, parse: gauge, window: gauge, bytes: gauge });

const progress = record({
  urls: urlBook,
  sources: { type: 'array', items: sourceBook },
  readyHosts: whole,
  nextDueAt: amountOrNull,
  reasons: {
    type: 'array',
    items: record({ state: { enum: ['failed', 'skipped'] }, reason: text, count: whole }),
  },
  decodedBytes: whole,
  hosts: whole,
});

const EVENTS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  'run-started': { runId: whole, output: text, resumed: flag, urls: urlBook },
  'fetch-started': { url: text, attempt: whole },
  url: {
    urlId: whole,
    url: text,
    state: { enum: ['done', 'failed', 'skipped', 'queued'], description: 'queued: will be tried again' },
    reason: textOrNull,
    attempt: whole,
    depth: whole,
    status: wholeOrNull,
    errorClass: textOrNull,
    error: textOrNull,
    finalUrl: textOrNull,
    contentType: textOrNull,
    bytes: wholeOrNull,
    wireBytes: whole,
    sha256: textOrNull,
    title: textOrNull,
    charset: textOrNull,
    words: wholeOrNull,
    parseError: textOrNull,
    totalMs: amount,
    startedAt: time,
    notBefore: timeOrNull,
  },
  progress: {
    elapsedMs: amount,
    urls: urlBook,
    done: whole,
    failed: whole,
    inFlight: whole,
    pagesPerSecond: amount,
    wireBytes: whole,
    etaMs: amountOrNull,
    importing: flag,
    draining: flag,
    paused: flag,
    gauges,
    holding: { anyOf: [holding, { type: 'null' }] },
  },
  paused: { reason: text },
  resumed: {},
  concurrency: { permits: whole, reason: text },
  warning: { message: text },
  'run-ended': {
    runId: whole,
    output: text,
    state: { enum: ['running', 'finished', 'stopped', 'limit', 'failed'] },
    reason: textOrNull,
    startedAt: time,
    totalMs: amount,
    settled: record({ done: whole, failed: whole, skipped: whole, retries: whole }),
    fetches: whole,
    pagesPerSecond: amount,
    wireBytes: whole,
    decodedBytes: whole,
    progress,
    bottleneck: { enum: ['network', 'politeness', 'concurrency', 'parsing', 'storage', 'input', 'nothing'] },
    bottleneckAdvice: text,
    gauges,
    peakRssBytes: whole,
    nothingToDo: flag,
    portable: flag,
    warnings: { type: 'array', items: text },
  },
};

/** The schema of one line. */
export function eventsJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Weir crawl event',
    description: 'One line of crawl --json',
    oneOf: Object.entries(EVENTS).map(([type, fields]) => record({ type: { const: type }, at: time, ...fields })),
  };
}

function record(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}
