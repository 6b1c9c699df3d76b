/** Finds out from the beginning of a JSON Lines list which field holds the URLs. */
import { parseJsonLine } from './jsonl-reader.ts';
import type { JsonlFormat } from './jsonl-reader.ts';
import type { LineCursor } from './line-cursor.ts';
import { isBlankOrComment } from './seed-line.ts';
import { findColumn, listNames, urlColumnByContent, urlColumnByName } from './url-columns.ts';

const SAMPLE_OBJECTS = 100;

/** How to read the list whose first bytes are in `head`, or what is wrong with it (a sentence to follow the list's name). */
export function detectJsonl(head: LineCursor, urlColumn: string | number | null): JsonlFormat | string {
  if (typeof urlColumn === 'number') {
    return `has fields with names, not numbers; write --url-column NAME instead of ${urlColumn}`;
  }
  const objects = sampleObjects(head);
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  // Without a single object to look at every line will be rejected, with its own reason.
  if (names.length === 0) return { kind: 'jsonl', field: urlColumn ?? 'url' };
  if (urlColumn !== null) {
    const index = findColumn(names, urlColumn);
    const field = names[index];
    return field === undefined
      ? `has no field "${urlColumn}"; its fields are: ${listNames(names)}`
      : { kind: 'jsonl', field };
  }
  const named = names[urlColumnByName(names)];
  if (named !== undefined) return { kind: 'jsonl', field: named };
  for (const object of objects) {
    const field = Object.keys(object)[urlColumnByContent(Object.values(object))];
    if (field !== undefined) return { kind: 'jsonl', field };
  }
  return `has no field that holds URLs; its fields are: ${listNames(names)}. Name one with --url-column`;
}

function sampleObjects(head: LineCursor): Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = [];
  while (objects.length < SAMPLE_OBJECTS && head.next()) {
    if (head.fault !== null || isBlankOrComment(head.text)) continue;
    const object = parseJsonLine(head.text);
    if (typeof object !== 'string') objects.push(object);
  }
  return objects;
}
