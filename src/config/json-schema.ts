/**
 * Config: the JSON Schema of one option's value, in the form a config file has it. In: a record of the option table. Out:
 * a schema that editors use to complete and check; what really holds is `values.ts`, which a test compares with this.
 */
import { hostsSchema } from './host-rules.ts';
import type { Option } from './option.ts';
import { DURATION_PATTERN, RATE_PATTERN, SIZE_PATTERN } from './units.ts';

/** JSON Schema of the form a config file has, for editors. */
export function jsonSchemaOf(option: Option): Record<string, unknown> {
  const list = { type: 'array', items: { type: 'string' } };
  const atLeast = option.min === undefined ? {} : { minimum: option.min };
  const atMost = option.max === undefined ? {} : { maximum: option.max };
  switch (option.kind) {
    case 'duration':
      return { type: ['string', 'integer'], pattern: DURATION_PATTERN, maximum: 0 };
    case 'size':
      return { type: ['string', 'integer'], pattern: SIZE_PATTERN, ...atLeast };
    case 'rate':
      return { type: ['string', 'number'], pattern: RATE_PATTERN, exclusiveMinimum: 0 };
    case 'fraction':
      return { type: 'number', minimum: 0, maximum: 1 };
    case 'integer': {
      const integer = { type: 'integer', ...atLeast, ...atMost };
      return option.words === undefined ? integer : { anyOf: [integer, { enum: [...option.words] }] };
    }
    case 'enum':
      return { enum: [...(option.words ?? [])] };
    case 'column':
      return { type: ['string', 'integer'], minimum: 1 };
    case 'boolean':
      return { type: 'boolean' };
    case 'list':
    case 'paths':
      return { anyOf: [{ type: 'string' }, list] };
    case 'headers':
      return { anyOf: [{ type: 'object', additionalProperties: { type: 'string' } }, list] };
    case 'origin-headers':
      return {
        type: 'object',
        additionalProperties: { anyOf: [{ type: 'object', additionalProperties: { type: 'string' } }, list] },
      };
    case 'hosts':
      return hostsSchema(jsonSchemaOf);
    case 'extract':
      return EXTRACT_SCHEMA;
    default:
      return { type: 'string', minLength: 1 };
  }
}

const FIELD_SCHEMA = {
  anyOf: [
    { type: 'string', description: 'CSS selector, or CSS@ATTRIBUTE' },
    {
      type: 'object',
      properties: { select: { type: 'string' }, attr: { type: 'string' }, list: { type: 'boolean' } },
      required: ['select'],
      additionalProperties: false,
    },
  ],
};

const EXTRACT_SCHEMA = {
  type: 'object',
  additionalProperties: {
    anyOf: [
      { type: 'string', description: 'short form: a field of the data set extracted' },
      {
        type: 'object',
        properties: {
          rows: { type: 'string', description: 'CSS selector of the elements that become one row each' },
          fields: { type: 'object', additionalProperties: FIELD_SCHEMA, minProperties: 1 },
        },
        required: ['fields'],
        additionalProperties: false,
      },
    ],
  },
};
