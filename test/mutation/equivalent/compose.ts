import { type Equivalent, fault } from './fault.ts';

/** Faults in the wiring that change nothing. */
export const EQUIVALENT_COMPOSE: readonly Equivalent[] = [
  fault(
    'shared/compose/container/telemetry.ts',
    'performance.now() < quietUntil',
    'performance.now() <= quietUntil',
    'No two readings of this clock are the same.',
  ),
  fault(
    'shared/compose/command-line/azure-cluster.ts',
    'id.toLowerCase()',
    'id.toUpperCase()',
    'It is for finding equal ids; Azure reads them in any letters.',
  ),
  {
    reason: 'A time limit that is a thousandth longer is as good.',
    matches: ({ file, kind, sourceLine }) =>
      file.startsWith('shared/compose/command-line/') && kind === 'OffByOne' && /[sS](econds|ECONDS) \* 1000\b/.test(sourceLine),
  },
  {
    reason: 'No other setting has a name that contains one of these.',
    matches: ({ file, kind }) => file === 'shared/compose/container/parking.ts' && kind === 'Regex',
  },
];
