import { z } from 'zod';

const names = z.registry<{ id: string }>();
const PLACE = '#/components/schemas/';

/** Names a schema: the OpenAPI document has it as a component, and refers to it by this name. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  names.add(schema, { id });
  return schema;
}

/** A page of things, as a component of its own. */
export function listOf(id: string, item: z.ZodType): z.ZodType {
  const nextLink = z.string().exactOptional().describe('The next page; absent on the last one.');
  return component(`${id}List`, z.object({ value: z.array(item), nextLink }));
}

/** Where the OpenAPI document has a schema; throws for one without a name. */
export function referenceTo(schema: z.ZodType): { readonly $ref: string } {
  return { $ref: `${PLACE}${idOf(schema)}` };
}

function idOf(schema: z.ZodType): string {
  const id = names.get(schema)?.id;
  if (id === undefined) throw new Error('A route names a schema that is no component: give it a name with component().');
  return id;
}

/** The components that answers and bodies need, by name, as JSON Schema 2020-12; what a body may leave out is not required there. */
export function componentSchemas(answers: readonly z.ZodType[], bodies: readonly z.ZodType[]): Record<string, unknown> {
  const taken = reachable(bodies, 'input');
  const whole = bodies.map(idOf).map((id) => [id, taken[id]] as const);
  return { ...taken, ...reachable(answers, 'output'), ...Object.fromEntries(whole) };
}

function reachable(used: readonly z.ZodType[], io: 'input' | 'output'): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(names, { uri: (id) => `${PLACE}${id}`, io, override: ({ jsonSchema }) => nameProperties(jsonSchema) });
  const wanted = new Set(used.map(idOf));
  // A set grows while it is walked: what a component refers to is walked too.
  for (const id of wanted) {
    for (const [, below = ''] of JSON.stringify(schemas[id]).matchAll(/"#\/components\/schemas\/(\w+)"/g)) wanted.add(below);
  }
  const inOrder = Object.entries(schemas).filter(([id]) => wanted.has(id));
  return Object.fromEntries(inOrder.map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]));
}

/** A record of known keys, as an object with these properties: readers of the document look for what is required among its properties. */
function nameProperties(schema: z.core.JSONSchema.BaseSchema): void {
  const { propertyNames, additionalProperties, required } = schema;
  if (typeof propertyNames !== 'object' || additionalProperties === undefined || required === undefined) return;
  schema.properties = Object.fromEntries(required.map((key) => [key, additionalProperties]));
  schema.additionalProperties = false;
  delete schema.propertyNames;
}
