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
  {
    reason: 'Groups and names are put in order without regard to case, in capitals as well as in small letters.',
    matches: ({ file, kind, original, replacement, sourceLine }) =>
      file === 'shared/http/views/cluster-table.ts' &&
      kind === 'MethodExpression' &&
      replacement === original.replace('toLowerCase', 'toUpperCase') &&
      /^\s*(group: |name: |\['name', )/.test(sourceLine),
  },
];
