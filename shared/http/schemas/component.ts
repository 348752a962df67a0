import { z } from 'zod';

const names = z.registry<{ id: string }>();
const PLACE = '#/components/schemas/';

/** Names a schema, so that the OpenAPI document contains it as a component. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  names.add(schema, { id });
  return schema;
}

/** Returns the schema of a page of items, as a component. */
export function listOf(id: string, item: z.ZodType): z.ZodType {
  const nextLink = z.string().exactOptional().describe('The next page; absent on the last one.');
  return component(`${id}List`, z.object({ value: z.array(item), nextLink }));
}

/** Returns the reference to a component; throws for a schema without a name. */
export function referenceTo(schema: z.ZodType): { readonly $ref: string } {
  return { $ref: `${PLACE}${idOf(schema)}` };
}

function idOf(schema: z.ZodType): string {
  const id = names.get(schema)?.id;
  if (id === undefined) throw new Error('A route names a schema that is no component: give it a name with component().');
  return id;
}

/** Returns the components of responses and request bodies by name, as JSON Schema 2020-12; optional fields of bodies are not required. */
export function componentSchemas(answers: readonly z.ZodType[], bodies: readonly z.ZodType[]): Record<string, unknown> {
  const taken = reachable(bodies, 'input');
  const whole = bodies.map(idOf).map((id) => [id, taken[id]] as const);
  return { ...taken, ...reachable(answers, 'output'), ...Object.fromEntries(whole) };
}

function reachable(used: readonly z.ZodType[], io: 'input' | 'output'): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(names, { uri: (id) => `${PLACE}${id}`, io, override: ({ jsonSchema }) => nameProperties(jsonSchema) });
  const wanted = new Set(used.map(idOf));
  // A set that grows during iteration also yields the new entries, so referenced components are included.
  for (const id of wanted) {
    for (const [, below = ''] of JSON.stringify(schemas[id]).matchAll(/"#\/components\/schemas\/(\w+)"/g)) wanted.add(below);
  }
  const inOrder = Object.entries(schemas).filter(([id]) => wanted.has(id));
  return Object.fromEntries(inOrder.map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]));
}

/** Describes a record with known keys as an object with these properties, because tools expect required names among the properties. */
function nameProperties(schema: z.core.JSONSchema.BaseSchema): void {
  const { propertyNames, additionalProperties, required } = schema;
  if (typeof propertyNames !== 'object' || additionalProperties === undefined || required === undefined) return;
  schema.properties = Object.fromEntries(required.map((key) => [key, additionalProperties]));
  schema.additionalProperties = false;
  delete schema.propertyNames;
}
