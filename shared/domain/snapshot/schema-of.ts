import type { z } from 'zod';

/** A type as in JSON: without `readonly`, and with intersections merged into one object. */
type Plain<T> = T extends readonly (infer U)[] ? Plain<U>[] : T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T;

/** The members of a type and which of them are optional, without their values. */
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
 * Ties a schema to its type. The code does not compile if a member, even an optional one, is missing in the type or in the
 * schema, or if the schema rejects a value that the type allows.
 */
export function schemaOf<T>() {
  return <S extends z.ZodType>(schema: S & Fits<T, z.output<S>>): S => schema;
}
