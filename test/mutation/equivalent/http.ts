import { type Equivalent, fault } from './fault.ts';

/** Faults in the API that change nothing. */
export const EQUIVALENT_HTTP: readonly Equivalent[] = [
  fault(
    'shared/http/framework/body.ts',
    'size <= most',
    'true',
    'A body that is too large is refused in any case; not keeping it only saves memory.',
  ),
  fault(
    'shared/http/framework/serve.ts',
    'await finish(route.constant(), request)',
    'finish(route.constant(), request)',
    'A constant answer has no stream and is too short to be compressed, so that nothing can fail later.',
  ),
];
