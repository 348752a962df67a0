import { type Equivalent, fault } from './fault.ts';

/** Faults in the wiring that change nothing. */
export const EQUIVALENT_COMPOSE: readonly Equivalent[] = [
  fault(
    'shared/compose/container/telemetry.ts',
    'performance.now() < quietUntil',
    'performance.now() <= quietUntil',
    'No two readings of this clock are the same.',
  ),
  {
    reason: 'No other setting has a name that contains one of these.',
    matches: ({ file, kind }) => file === 'shared/compose/container/parking.ts' && kind === 'Regex',
  },
];
