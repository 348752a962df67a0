import fc from 'fast-check';
import { z } from 'zod';

const jsonSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  examples: z.array(z.unknown()).default([]),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.int().default(0),
  maxLength: z.int().default(50),
  format: z.string().optional(),
});

/** Values that match a JSON Schema of the OpenAPI document, for the parts of JSON Schema that the API's requests use. */
export function fitting(schema: unknown, components: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const one = jsonSchema.parse(schema);
  if (one.$ref !== undefined) return fitting(components[one.$ref.split('/').at(-1) ?? ''], components);
  if (one.enum !== undefined) return fc.constantFrom(...one.enum);
  if (one.anyOf !== undefined) return fc.oneof(...one.anyOf.map((part) => fitting(part, components)));
  const example = one.examples.map((value) => ({ weight: 2, arbitrary: fc.constant(value) }));
  return fc.oneof(...example, { weight: 1, arbitrary: fittingType(one, components) });
}

function fittingType(one: z.output<typeof jsonSchema>, components: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  switch (one.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: one.minimum ?? -1_000, max: Math.min(one.maximum ?? 1_000, 1_000_000) });
    case 'array':
      return fc.array(fitting(one.items, components), { minLength: 1, maxLength: 3 });
    case 'object':
      return fittingObject(one.properties ?? {}, one.required, components);
    case 'string':
      if (one.format === 'date-time') return time;
      return fc.string({ unit: 'grapheme', minLength: one.minLength, maxLength: Math.min(one.maxLength, 50) });
    default:
      throw new Error(`No values are known for ${JSON.stringify(one)}.`);
  }
}

const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }).map((date) => date.toISOString());

function fittingObject(
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[],
  components: Readonly<Record<string, unknown>>,
) {
  const model = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, fitting(schema, components)]));
  return fc.record(model, { requiredKeys: [...required] });
}

/** Text that tries to escape from paths, quotes, filters, tables, headers and pages. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '..',
    '../..',
    "' or 1 eq 1 or '",
    '"><script>alert(1)</script>',
    '%00',
    '%',
    '%zz',
    '\u0000',
    '\ud800',
    '\u202e',
    '__proto__',
    'constructor',
    'toString',
    '\r\nx-injected: 1',
    '=cmd()',
    '9'.repeat(400),
    'a'.repeat(9_000),
    '-1',
    '1e309',
    'NaN',
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '{}',
    '[',
    'null',
  ),
);
