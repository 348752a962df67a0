import { EQUIVALENT_AZURE } from './equivalent/azure.ts';
import { EQUIVALENT_COMPOSE } from './equivalent/compose.ts';
import { EQUIVALENT_DOMAIN } from './equivalent/domain.ts';
import { type Equivalent, fault } from './equivalent/fault.ts';
import { EQUIVALENT_HTTP } from './equivalent/http.ts';
import { EQUIVALENT_KUBECONFIG } from './equivalent/kubeconfig.ts';
import { EQUIVALENT_KUBERNETES } from './equivalent/kubernetes.ts';
import { EQUIVALENT_BYTES } from './equivalent/kubernetes-bytes.ts';
import { EQUIVALENT_STORAGE } from './equivalent/storage.ts';
import { EQUIVALENT_USECASES } from './equivalent/usecases.ts';

const SENTINEL = '["Stryker was here"]';

/** Faults that change nothing, each with the reason. */
export const EQUIVALENT: readonly Equivalent[] = [
  ...EQUIVALENT_USECASES,
  ...EQUIVALENT_KUBERNETES,
  ...EQUIVALENT_KUBECONFIG,
  ...EQUIVALENT_BYTES,
  {
    reason: 'The destructuring skips the first item of the fallback, so an item there is never read.',
    matches: ({ replacement, sourceLine }) => replacement === SENTINEL && /const \[,/.test(sourceLine),
  },
  {
    reason: 'A list of names that is used where none is given: one name more that nothing bears changes nothing.',
    matches: ({ replacement, original, sourceLine }) =>
      replacement === SENTINEL && original === '[]' && /readonly string\[\] = \[\]|(vmSizes|nodeTaints)( = | \?\? )\[\]/.test(sourceLine),
  },
  {
    reason: 'What is put in order here by its names has no two of one name, so that there is no tie.',
    matches: ({ kind, original, replacement, sourceLine }) =>
      kind === 'EqualityOperator' && replacement === original.replace(' < ', ' <= ') && sourceLine.includes(`${original} ? -1 : 1`),
  },
  fault(
    'shared/domain/isolation/kata-node-check.ts',
    'ofNode.byHandler.set(handler, check);',
    ';',
    'What was worked out is kept to save time: without that, the same is worked out again.',
  ),
  fault('shared/domain/isolation/kata-node-check.ts', 'checked.set(node, ofNode);', ';', 'The same.'),
  fault('shared/domain/rule/sandboxed-workload.ts', 'gathered.set(evidence.workloads, { of: evidence, workloads });', ';', 'The same.'),
  {
    reason: 'The order of the arguments does not matter: they are the same text, or are only compared with each other.',
    matches: ({ kind, original, replacement }) =>
      kind === 'ExchangedArguments' &&
      (original === replacement ||
        /^(Math\.(max|min)|timingSafeEqual)\(/.test(original) ||
        /^(isSameRelease|sameVariant)\([^(),]+, [^(),]+\)$/.test(original)),
  },
  fault(
    'shared/domain/rule/workload-commands.ts',
    '/^[a-z]+-[a-z0-9.-]+$/',
    '/^[a-z]+-[a-z0-9.-]+/',
    'What is no name of an object was refused before, so that only such characters can follow.',
  ),
  {
    reason: 'Which fields of a pool a rule mentions is for the compiler alone, which lets it read no others.',
    matches: ({ kind, sourceLine }) => kind === 'ArrayDeclaration' && /\bmentions: \[/.test(sourceLine),
  },
  fault(
    'shared/exports/bundle-change.ts',
    'elsewhere > at',
    'elsewhere >= at',
    'The entry at this place has another name than the one that is looked for.',
  ),
  {
    reason: 'The files to remove were made a moment before, and a name that none of them has is passed over.',
    matches: ({ file, sourceLine, original, replacement }) =>
      file === 'shared/signing/key-file-signer.ts' &&
      (replacement === SENTINEL || (sourceLine.includes('{ force: true }') && /^(true|\{ force: true \})$/.test(original))),
  },
  {
    reason: 'Whether what is written has reached the disk matters only when the machine itself stops in the next seconds.',
    matches: ({ file, sourceLine, original }) =>
      file === 'shared/signing/key-file-signer.ts' && sourceLine.includes('{ flush: true }') && /^(true|\{ flush: true \})$/.test(original),
  },
  {
    reason: 'The list of references is text for people; a conformance test reads the sources and checks that each rule has one.',
    matches: ({ kind, sourceLine }) => kind === 'ArrayDeclaration' && /^\s*references: \[/.test(sourceLine),
  },
  {
    reason: 'Descriptions and examples of a schema are text for people; a test compares the generated documents with them.',
    matches: ({ kind, sourceLine }) => kind === 'ObjectLiteral' && /\.(meta|describe)\(\{?/.test(sourceLine),
  },
  {
    reason: 'The cause of a fault is for whoever debugs it: what is told, decided and stored is its code and its message.',
    matches: ({ original, replacement }) => replacement === '{}' && /^\{\s*cause(?:: \w+)?,?\s*\}$/.test(original),
  },
  {
    reason: 'A digest that is only compared tells the same at any length; what is cut keeps rows and names short.',
    matches: ({ kind, original, replacement, sourceLine }) =>
      (/\.digest\('hex'\)\s*\.slice\(0, \d+\)$/.test(original) && replacement.endsWith(".digest('hex')")) ||
      (kind === 'OffByOne' && /\.digest\('hex'\)\.slice\(0, \d+\)/.test(sourceLine)),
  },
  {
    reason: 'Both names are there or neither is: one expression finds them.',
    matches: ({ file, original, replacement }) =>
      file === 'shared/storage/text-blobs.ts' && original === 'container === undefined' && replacement === 'false',
  },
  ...EQUIVALENT_AZURE,
  ...EQUIVALENT_DOMAIN,
  ...EQUIVALENT_HTTP,
  ...EQUIVALENT_STORAGE,
  ...EQUIVALENT_COMPOSE,
];
