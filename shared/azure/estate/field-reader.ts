import { z } from 'zod';
import type { UnreadField } from '../../domain/snapshot/unread.ts';
import { oneLine } from '../client/fault.ts';

/** No name in Azure contains a control character, which could break lines and terminals. */
const Text = z
  .string('expected a text')
  .min(1, 'expected a text, got an empty one')
  .regex(/^\P{Cc}*$/u, 'expected no control characters');
const Flag = z.boolean('expected true or false');
const Count = z.int('expected a whole number').min(0, 'expected a number of at least 0');

/**
 * Reads the fields of one object of a response, each on its own. Azure omits a field or sets it to null when it has no value: that is
 * `undefined`. A field with an invalid value is also `undefined`, and is noted in `unread`, so that what depends on it is unknown.
 */
export class FieldReader {
  readonly unread: UnreadField[] = [];
  readonly #value: unknown;
  readonly #prefix: string;

  /** `prefix` is put before each field's name in `unread`. */
  constructor(value: unknown, prefix = '') {
    this.#value = value;
    this.#prefix = prefix;
  }

  /** Reads a text; `path` consists of names separated by dots. */
  text(of: string, path = of): string | undefined {
    return this.read(of, path, Text);
  }

  /** Reads a text that must match the known values. */
  oneOf(of: string, path: string, known: RegExp): string | undefined {
    const shape = Text.refine((text) => known.test(text), { error: ({ input }) => `${quoted(input)} is not a known value` });
    return this.read(of, path, shape);
  }

  /** Reads a flag; Azure omits flags that are off. */
  flag(of: string, path = of): boolean | undefined {
    return this.read(of, path, Flag) ?? (this.isUnread(of) ? undefined : false);
  }

  count(of: string, path = of): number | undefined {
    return this.read(of, path, Count);
  }

  /** Reads a field with another schema. */
  read<T>(of: string, path: string, shape: z.ZodType<T>): T | undefined {
    let value = this.#value;
    const names = path.split('.');
    for (const [at, name] of names.entries()) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        this.note(of, names.slice(0, at).join('.'), `expected an object, got ${kindOf(value)}`);
        return undefined;
      }
      value = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
      if (value === undefined || value === null) return undefined;
    }
    const { success, data, error } = shape.safeParse(value);
    if (success) return data;
    const [issue] = error.issues;
    if (issue === undefined) throw new TypeError('The schema refused a value without saying why.');
    this.note(of, [path, ...issue.path].join('.'), described(issue, value));
    return undefined;
  }

  /** Whether a property is unknown because its field is invalid. */
  isUnread(of: string): boolean {
    return this.unread.some((one) => one.of === of);
  }

  /** Records that a field is invalid. */
  note(of: string, path: string, problem: string): void {
    const field = [this.#prefix, path].filter((part) => part !== '').join('.');
    this.unread.push({ of, field: oneLine(field), problem: oneLine(problem) });
  }
}

function described({ code, message, path }: z.core.$ZodIssue, value: unknown): string {
  return code === 'invalid_type' && path.length === 0 ? `${message}, got ${kindOf(value)}` : message;
}

const KINDS: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false', object: 'an object' };

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : (KINDS[typeof value] ?? 'nothing');
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : '');
}

type Absent<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];
type WithoutAbsent<T> = Omit<T, Absent<T>> & { [K in Absent<T>]?: Exclude<T[K], undefined> };

/** Omits properties that are `undefined`, so that unknown values are absent. */
export function withoutAbsent<T extends object>(value: T): WithoutAbsent<T> {
  const known = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(known) as WithoutAbsent<T>;
}
