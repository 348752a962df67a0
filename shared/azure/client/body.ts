import type { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { oneLine } from './fault.ts';

const MAX_PROBLEMS = 3;

/** Reads and checks the JSON of an answer; `Fault('malformed')` names the first fields that are wrong. */
export function parseBody<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('malformed', `Cannot ${what}: the answer is not JSON.`, { cause });
  }
  return check(schema, value, what);
}

/** Checks a value that Azure answered; `Fault('malformed')` names the first fields that are wrong. */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
  throw new Fault('malformed', `Cannot ${what}: the answer is malformed: ${oneLine(problems.join('; '))}.`, { cause: result.error });
}
