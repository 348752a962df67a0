import type { z } from 'zod';

/** A type as JSON has it: nothing is `readonly`, and an intersection is one object. */
type Plain<T> = T extends readonly (infer U)[] ? Plain<U>[] : T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T;

/** The members of a type and which of them may be absent, whatever their values are. */
type Members<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly (infer U)[]
        ? Members<U>[]
        : T extends object
          ? { -readonly [K in keyof T]: Members<T[K]> }
          : T;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Fits<T, V> =
  Same<Members<T>, Members<V>> extends true
    ? [Plain<T>] extends [Plain<V>]
      ? unknown
      : 'The schema refuses a value that the type allows.'
    : 'The schema has not the same members as the type.';

/**
 * Ties a schema to the type that it describes: it does not compile where a member of the type, also an optional one, is missing in the
 * schema or the other way round, or where the schema refuses a value that the type allows.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType>(schema: S & Fits<T, z.output<S>>): S => schema;
}
