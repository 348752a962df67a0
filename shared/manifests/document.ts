import type { Remark } from './documents.ts';
import { at, isObject, type Path } from './path.ts';

/** Start and end offsets of a value. */
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
  /** Values that kubectl reads differently from how they look. */
  readonly remarks: readonly Remark[];
  /** What kubectl refuses although its meaning is clear. */
  readonly doubtful?: readonly Remark[];
  /** The offset of the key or item at the end of a path. */
  readonly offsetOf: (path: Path) => number | undefined;
  /** The range of the map or list at a path. */
  readonly rangeOf: (path: Path) => Range | undefined;
}

/** The positions of the maps and lists of a document, with their keys or items. */
export type PlaceTable = WeakMap<object, { readonly range: Range; readonly entries: ReadonlyMap<string | number, number> }>;

/** go-yaml refuses 10,000 levels; no manifest has 500. */
export const MAX_DEPTH = 500;

/** A document that cannot be read, and why. */
export function unread(offset: number, message: string): ReadDocument {
  return { value: undefined, refused: [{ offset, message }], remarks: [], offsetOf: () => undefined, rangeOf: () => undefined };
}

/** A document that is nested too deep for a recursive reader. */
export function tooDeep(offset: number): ReadDocument {
  return unread(offset, `It is nested deeper than ${MAX_DEPTH} levels.`);
}

/** Creates the position lookup of a parsed document. */
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

/** A duplicate key in a map. */
export function repeated(name: string, offset: number): Remark {
  return { offset, message: `The key ${JSON.stringify(name)} is here for the second time: kubectl takes the last one.` };
}
