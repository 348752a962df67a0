import { hash } from 'node:crypto';

/** Hexadecimal digits that depend only on the given parts: the estate's only source of randomness. */
export function digest(...parts: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/** A whole number from 0 to below `end` that depends only on the parts. */
export function pick(end: number, ...parts: readonly (string | number)[]): number {
  return Number.parseInt(digest(...parts).slice(0, 12), 16) % end;
}

/** A GUID that depends only on the parts. */
export function guid(...parts: readonly (string | number)[]): string {
  const hex = digest(...parts);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** The characters of Kubernetes' name suffixes: no vowels, so that no suffix is a word. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A name suffix like those of pods and ReplicaSets in Kubernetes; it depends only on the parts. */
export function suffix(length: number, ...parts: readonly (string | number)[]): string {
  const hex = digest(...parts);
  return Array.from({ length }, (_, at) => SUFFIX_LETTERS[Number.parseInt(hex.slice(at * 4, at * 4 + 4), 16) % SUFFIX_LETTERS.length]).join(
    '',
  );
}
