import type { Equivalent } from './fault.ts';

const FILES = ['shared/kubernetes/wire/pod-head.ts', 'shared/kubernetes/wire/pod-body.ts'];

/** Faults in reading pods from their bytes that change nothing. */
export const EQUIVALENT_BYTES: readonly Equivalent[] = [
  {
    reason: 'Each read sets it before anybody asks.',
    matches: ({ file, kind, sourceLine }) =>
      FILES.includes(file) && ['BooleanLiteral', 'OffByOne'].includes(kind) && /^ {2}#?\w+ = (true|false|0|-1);$/.test(sourceLine),
  },
];
