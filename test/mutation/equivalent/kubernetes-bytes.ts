import { type Equivalent, fault } from './fault.ts';

const STREAM = 'shared/kubernetes/wire/streamed-list.ts';
const FILES = ['shared/kubernetes/wire/pod-head.ts', 'shared/kubernetes/wire/pod-body.ts'];

/** Faults in reading pods from their bytes that change nothing. */
export const EQUIVALENT_BYTES: readonly Equivalent[] = [
  {
    reason: 'Each read sets it before anybody asks.',
    matches: ({ file, kind, sourceLine }) =>
      FILES.includes(file) &&
      ['BooleanLiteral', 'OffByOne'].includes(kind) &&
      /^ {2}#?\w+(: Buffer)? = (true|false|0|-1|Buffer\.alloc\(0\));$/.test(sourceLine),
  },
  {
    reason: 'A number of one byte that is read like a longer one is the same number: it only takes longer.',
    matches: ({ file, original, replacement }) =>
      file === 'shared/kubernetes/wire/field-head.ts' &&
      ((/^(at|this\.at) < end$/.test(original) && /^false$|>=/.test(replacement)) ||
        (/ [<>]=? 0x80$/.test(original) && replacement === 'true')),
  },
  {
    reason: 'More room than is needed takes memory and changes nothing.',
    matches: ({ file, kind, original, replacement, sourceLine }) =>
      (file === FILES[0] && /length \+ end - start|needed <= this|needed \* 2/.test(sourceLine) && kind !== 'CallExpression') ||
      (file === STREAM && original === 'needed > this.#held.length' && replacement !== 'false'),
  },
  {
    reason: 'Another place in the hash table, or a larger one: a text is found there as well, only later.',
    matches: ({ file, kind, original, sourceLine }) =>
      file === 'shared/kubernetes/wire/text-index.ts' &&
      ((kind === 'OffByOne' && /new Int32Array\(|#slots\.length - 1/.test(sourceLine)) ||
        original === 'slot + 1' ||
        /Math\.imul\(/.test(sourceLine)),
  },
  fault(
    STREAM,
    'head.end > this.#heldLength',
    'head.end >= this.#heldLength',
    'The kind is then checked with the next chunk, which begins at the frame again.',
  ),
  {
    reason: 'No field has one byte: either way the stream is refused.',
    matches: ({ file, kind, sourceLine }) => file === STREAM && kind === 'OffByOne' && sourceLine.includes('this.#left > 0'),
  },
  {
    reason: 'Only errors are thrown there, and any of them says that the body is no Status.',
    matches: ({ file, original, replacement }) =>
      file === 'shared/kubernetes/wire/list-page.ts' &&
      ((original === 'error instanceof Error' && replacement === 'true') || replacement === 'typeMeta.kind'),
  },
  {
    reason: 'A step of the build: its own test, which reads the sources, compares the generated decoder with the schema.',
    matches: ({ file }) => file === 'shared/kubernetes/wire/generate.ts',
  },
];
