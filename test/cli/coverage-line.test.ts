import { expect, it } from 'vitest';
import { coverageLine } from '../../shared/cli/coverage-line.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { type Coverage, type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import { RULES } from '../../shared/rules/index.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { aSnapshot } from '../support/a-snapshot.ts';

const read = (coverage: Coverage) => observed<readonly PodGroup[]>([], coverage);

it.each<[Observation<readonly PodGroup[]>, string]>([
  [read({ kind: 'full', by: 'pages' }), 'all.'],
  [read({ kind: 'truncated', message: 'Too many.' }), 'not all, Too many.'],
  [
    read({ kind: 'sample', sampledNodes: 2, totalNodes: 9, sampledPods: 30, upperBound: 0.125, confidence: 0.95, seed: 's' }),
    'a sample of 30 on 2 of 9 nodes; if the sample has no violation, at most 12.5 % of the nodes have one (confidence 95 %).',
  ],
  [
    read({ kind: 'targeted', namespaces: ['shop'], nodes: 2, totalNodes: 9, pods: 30, totalPods: 400 }),
    '30 of about 400, those of 1 namespace (shop), those on 2 of 9 nodes that may run Kata, and those on no node.',
  ],
  [unavailable('denied', 'No.'), 'none, No.'],
])('the line on coverage says which pods were read: %o', (workloads, expected) => {
  const line = coverageLine(auditSnapshot(aSnapshot({ workloads }), RULES, DEFAULT_POLICY));
  expect(line.slice(line.indexOf('pods: ') + 6)).toBe(expected);
});
