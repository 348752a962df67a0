import type { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { oneLine } from './fault.ts';

const MAX_PROBLEMS = 3;

/** Parses and checks the JSON of a response; `Fault('malformed')` names the first invalid fields. */
export function parseBody<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('malformed', `Cannot ${what}: the response is not JSON.`, { cause });
  }
  return check(schema, value, what);
}

/** Checks a value from a response; `Fault('malformed')` names the first invalid fields. */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'the response'}: ${message}`);
  throw new Fault('malformed', `Cannot ${what}: the response is malformed: ${oneLine(problems.join('; '))}.`, { cause: result.error });
}
