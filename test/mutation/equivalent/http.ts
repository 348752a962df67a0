import { type Equivalent, fault } from './fault.ts';

const TABLE = 'shared/http/views/cluster-table.ts';
const QUICK = 'What comes after all that are shown is put at their end and taken away again: skipping it only saves time.';
const NO_TIE = 'No two clusters are equal in this order, because their ids differ.';

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
  fault(TABLE, 'last === undefined || order(last, value) <= 0', 'false', QUICK),
  fault(TABLE, 'order(last, value) <= 0', 'false', QUICK),
  fault(TABLE, 'order(last, value) <= 0', 'order(last, value) < 0', NO_TIE),
  fault(TABLE, 'order(held, value) <= 0', 'order(held, value) < 0', NO_TIE),
  fault(
    'shared/http/views/dashboard-estate.ts',
    'exempted.byCluster.size === 0',
    'false',
    'Where nothing is exempted both counts are the same: the check saves counting twice.',
  ),
  {
    reason: 'A cluster that is not there was refused before.',
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/http/routes/audits.ts' &&
      kind === 'ArrayDeclaration' &&
      sourceLine.includes('summary === undefined ? [] : [summary'),
  },
  {
    reason: 'An example is text for people; a test checks that there is one of each schema and that it fits.',
    matches: ({ file }) => file === 'shared/http/schemas/examples.ts',
  },
  {
    reason: 'Whether the storage can be read does not depend on how much is read.',
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/http/routes/health.ts' && kind === 'OffByOne' && sourceLine.includes('findings.clusters(1)'),
  },
  {
    reason: 'A nonce is as good when it is longer.',
    matches: ({ kind, sourceLine }) => kind === 'OffByOne' && sourceLine.includes("randomBytes(16).toString('base64')"),
  },
  {
    reason: 'Of the audits that are read only the first, the newest, is used.',
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/http/routes/health-schedule.ts' && kind === 'OffByOne' && sourceLine.includes('audits.list(1)'),
  },
  {
    reason: 'Groups and names are put in order without regard to case, in capitals as well as in small letters.',
    matches: ({ file, kind, original, replacement, sourceLine }) =>
      file === TABLE &&
      kind === 'MethodExpression' &&
      replacement === original.replace('toLowerCase', 'toUpperCase') &&
      /^\s*(group: |name: |\['name', )/.test(sourceLine),
  },
];
