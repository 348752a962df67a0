import { type Equivalent, fault } from './fault.ts';

const NUMBER = 'Numbers of transactions are only compared with each other: how far apart they are does not matter.';

/** Faults in the stores that change nothing. */
export const EQUIVALENT_STORAGE: readonly Equivalent[] = [
  fault('shared/storage/findings/findings.ts', 'a.at > b.at', 'a.at >= b.at', 'Of two changes of one time either may be told first.'),
  fault('shared/storage/findings/prune-findings.ts', '1', '2', NUMBER),
  {
    reason: NUMBER,
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/storage/findings/cluster-row.ts' && kind === 'OffByOne' && sourceLine.includes('sequence: '),
  },
];
