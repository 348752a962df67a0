import { type Equivalent, fault } from './fault.ts';

const HEAD = 'shared/kubernetes/wire/pod-head.ts';
const BODY = 'shared/kubernetes/wire/pod-body.ts';
/** Where the bytes of a pod are compared with those of the one before. */
const COMPARED = [
  'this.#ends.length = 0;',
  'this.#makeRoom(length, length + end - start);',
  'this.#bytes.set(bytes.subarray(start, end), length);',
  'length += end - start;',
  'this.#ends.push(length);',
  'if (needed <= this.#bytes.length) return;',
  'const larger = Buffer.allocUnsafe(needed * 2);',
  'this.#bytes.copy(larger, 0, 0, used);',
];
const DIFFERENT = 'A pod that is taken for another than the one before has its group looked up again: only time is lost.';
const READ_FIRST = 'Each read sets it before anybody asks.';

/** Faults in reading pods from their bytes that change nothing: what is not read from bytes is decoded, with the same result. */
export const EQUIVALENT_BYTES: readonly Equivalent[] = [
  {
    reason: DIFFERENT,
    matches: ({ file, sourceLine }) => file === HEAD && COMPARED.includes(sourceLine.trim()),
  },
  fault(HEAD, 'own + end - start !== this.#ends[part]', 'true', DIFFERENT),
  fault(HEAD, 'own + end - start !== this.#ends[part]', 'own + end - start === this.#ends[part]', DIFFERENT),
  fault(HEAD, 'own + end - start', 'own + end + start', DIFFERENT),
  fault(HEAD, 'own + end', 'own - end', DIFFERENT),
  fault(HEAD, 'bytes[at] !== this.#bytes[own]', 'true', DIFFERENT),
  fault(HEAD, 'bytes[at] !== this.#bytes[own]', 'bytes[at] === this.#bytes[own]', DIFFERENT),
  fault(HEAD, 'part < shared.length', 'part <= shared.length', DIFFERENT),
  fault(HEAD, 'this.#ends.length === shared.length', 'false', DIFFERENT),
  fault(HEAD, 'this.#ends.length === shared.length', 'this.#ends.length !== shared.length', DIFFERENT),
  fault(HEAD, 'this.#ends.length === shared.length', 'true', 'Every pod has as many such parts.'),
  {
    reason: READ_FIRST,
    matches: ({ file, kind, sourceLine }) =>
      (file === HEAD || file === BODY) &&
      ['BooleanLiteral', 'OffByOne'].includes(kind) &&
      /^ {2}#?\w+ = (true|false|0|-1);$/.test(sourceLine),
  },
];
