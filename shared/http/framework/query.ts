import { z } from 'zod';
import { type FieldError, Problem } from './problem.ts';

/** Parameters of the Functions host itself: the access key, which must not be repeated in a response. */
const HOST_PARAMETERS: ReadonlySet<string> = new Set(['code', 'clientId']);

/** Maximum number of reported errors. */
const MAX_ERRORS = 50;

/** Parses a query with a schema; throws one 400 that lists every invalid and every unknown parameter. */
export function parseQuery<T extends z.ZodRawShape>(schema: z.ZodObject<T>, search: URLSearchParams): z.output<z.ZodObject<T>> {
  const raw: Record<string, unknown> = Object.create(null);
  const errors: FieldError[] = [];
  for (const name of new Set(search.keys())) {
    if (HOST_PARAMETERS.has(name)) continue;
    const field = Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;
    if (field === undefined) errors.push({ field: name.slice(0, 100), detail: unknownParameter(schema) });
    else raw[name] = typed(field, name, search.getAll(name), errors);
  }
  const parsed = schema.safeParse({ ...raw });
  if (!parsed.success) errors.push(...fieldErrors(parsed.error, (path) => path.map(String).slice(0, 1).join('')));
  if (!parsed.success || errors.length > 0) throw new Problem(400, 'The query is invalid.', unique(errors));
  return parsed.data;
}

/** Parses a JSON body with a schema; throws one 400 that lists every invalid field by its JSON pointer. */
export function parseBody<T>(schema: z.ZodType<T>, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    const detail = error instanceof SyntaxError ? 'is not JSON' : String(error);
    throw new Problem(400, 'The body is invalid.', [{ field: '', detail }]);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const pointer = (path: readonly PropertyKey[]) => path.map((part) => `/${String(part)}`).join('');
  throw new Problem(400, 'The body is invalid.', fieldErrors(parsed.error, pointer).slice(0, MAX_ERRORS));
}

/** Converts a parameter to the JSON type of its schema; an invalid value stays text, and the schema rejects it. */
function typed(schema: unknown, name: string, values: readonly string[], errors: FieldError[]): unknown {
  const kind = unwrap(schema);
  if (kind instanceof z.ZodArray) return values.flatMap((value) => value.split(',')).map((value) => value.trim());
  if (values.length > 1) errors.push({ field: name, detail: 'is given more than once' });
  const value = values[0] ?? '';
  if (kind instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (kind instanceof z.ZodBoolean && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap());
  return schema;
}

function fieldErrors(error: z.ZodError, name: (path: readonly PropertyKey[]) => string): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: name([...issue.path, key]), detail: 'is unknown' }))
      : [{ field: name(issue.path), detail: issue.message }],
  );
}

function unknownParameter(schema: z.ZodObject): string {
  const names = Object.keys(schema.shape);
  return names.length === 0 ? 'is unknown; this route has no parameters' : `is unknown; the parameters are ${names.join(', ')}`;
}

function unique(errors: readonly FieldError[]): FieldError[] {
  return [...new Map(errors.map((error) => [`${error.field}\n${error.detail}`, error])).values()];
}
