import { type Equivalent, fault } from './fault.ts';

const NUMBER = 'Numbers of transactions are only compared with each other: how far apart they are does not matter.';

const PACKED = 'shared/storage/findings/packed-findings.ts';
const FITS = 'Findings that fit to the last unit may as well be read from where the larger ones are: what is read is the same.';
const WHOLE = 'For the library no count, or one of zero bytes, is the whole blob from its beginning.';

/** Faults in the stores that change nothing. */
export const EQUIVALENT_STORAGE: readonly Equivalent[] = [
  fault('shared/storage/findings/findings.ts', 'a.at > b.at', 'a.at >= b.at', 'Of two changes of one time either may be told first.'),
  fault('shared/storage/findings/prune-findings.ts', '1', '2', NUMBER),
  {
    reason: NUMBER,
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/storage/findings/write-findings.ts' && kind === 'OffByOne' && sourceLine.includes('before.sequence + 1'),
  },
  fault(PACKED, 'deflated.length > MAX_UNITS', 'deflated.length >= MAX_UNITS', FITS),
  fault(PACKED, 'all.length <= LIMITS.stringUnits', 'all.length < LIMITS.stringUnits', FITS),
  fault(PACKED, 'open.length <= LIMITS.stringUnits', 'open.length < LIMITS.stringUnits', FITS),
  {
    reason: NUMBER,
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/storage/findings/cluster-row.ts' && kind === 'OffByOne' && sourceLine.includes('sequence: '),
  },
  fault(
    'shared/storage/table.ts',
    'entities === undefined',
    'false',
    'The library gives one page at least; the check is for its type, in which there may be none.',
  ),
  {
    reason: WHOLE,
    matches: ({ file, kind, original }) =>
      file.startsWith('shared/storage/') && kind === 'ExchangedArguments' && original.startsWith('blob.downloadToBuffer(0, undefined, '),
  },
  {
    reason: 'It is the same bundle whether what is read ahead is counted in pieces or in bytes, which only limits the memory.',
    matches: ({ file, sourceLine, original }) =>
      file === 'shared/storage/bundles.ts' &&
      sourceLine.includes('{ objectMode: false }') &&
      /^(false|\{ objectMode: false \})$/.test(original),
  },
];
