import type { Equivalent } from './fault.ts';

const FILES = ['shared/kubernetes/wire/pod-head.ts', 'shared/kubernetes/wire/pod-body.ts'];

/** Faults in reading pods from their bytes that change nothing. */
export const EQUIVALENT_BYTES: readonly Equivalent[] = [
  {
    reason: 'Each read sets it before anybody asks.',
    matches: ({ file, kind, sourceLine }) =>
      FILES.includes(file) && ['BooleanLiteral', 'OffByOne'].includes(kind) && /^ {2}#?\w+ = (true|false|0|-1);$/.test(sourceLine),
  },
  {
    reason: 'A number of one byte that is read like a longer one is the same number: it only takes longer.',
    matches: ({ file, original, replacement }) =>
      file === 'shared/kubernetes/wire/field-head.ts' &&
      ((/^(at|this\.at) < end$/.test(original) && /^false$|>=/.test(replacement)) ||
        (/ [<>]=? 0x80$/.test(original) && replacement === 'true')),
  },
  {
    reason: 'A step of the build: its own test, which reads the sources, compares the generated decoder with the schema.',
    matches: ({ file }) => file === 'shared/kubernetes/wire/generate.ts',
  },
];
