import type { Remark } from './documents.ts';
import { at, isObject, type Path } from './path.ts';

/** From where to where a value reaches, as offsets. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A document as kubectl reads it. */
export interface ReadDocument {
  /** Plain JSON; aliases share one value. `undefined` when it cannot be read. */
  readonly value: unknown;
  /** Why kubectl cannot read it. */
  readonly refused: readonly Remark[];
  /** What kubectl reads otherwise than it looks. */
  readonly remarks: readonly Remark[];
  /** What kubectl refuses, although it can be read without a doubt. */
  readonly doubtful?: readonly Remark[];
  /** Where the key or item that a path ends with begins. */
  readonly offsetOf: (path: Path) => number | undefined;
  /** The reach of the map or list that a path leads to. */
  readonly rangeOf: (path: Path) => Range | undefined;
}

/** Where maps and lists of a document stand, and each of their keys or items. */
export type PlaceTable = WeakMap<object, { readonly range: Range; readonly entries: ReadonlyMap<string | number, number> }>;

/** go-yaml refuses 10,000 levels; no manifest has 500. */
export const MAX_DEPTH = 500;

/** A document that cannot be read, and why. */
export function unread(offset: number, message: string): ReadDocument {
  return { value: undefined, refused: [{ offset, message }], remarks: [], offsetOf: () => undefined, rangeOf: () => undefined };
}

/** A document that would take a call for each of too many levels. */
export function tooDeep(offset: number): ReadDocument {
  return unread(offset, `It is nested deeper than ${MAX_DEPTH} levels.`);
}

/** What finds places in a document that was read. */
export function finders(root: unknown, places: PlaceTable): Pick<ReadDocument, 'offsetOf' | 'rangeOf'> {
  return {
    offsetOf: (path) => {
      const parent = at(root, path.slice(0, -1));
      const last = path.at(-1);
      return isObject(parent) && last !== undefined ? places.get(parent)?.entries.get(last) : undefined;
    },
    rangeOf: (path) => {
      const value = at(root, path);
      return isObject(value) ? places.get(value)?.range : undefined;
    },
  };
}

/** A key that stands twice in one map. */
export function repeated(name: string, offset: number): Remark {
  return { offset, message: `The key ${JSON.stringify(name)} is here for the second time: kubectl takes the last one.` };
}
