import { describe, expect, it } from 'vitest';
import { compareLooks } from '../../shared/cli/compare.ts';
import { narrowed } from '../../shared/cli/narrow.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { RULES } from '../../shared/rules/index.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { aPlainPodGroup, aSnapshot } from '../support/a-snapshot.ts';

const must = { 'kataudit.io/sandbox': 'required' };
const plain = (ownerName: string, namespace = 'shop') => aPlainPodGroup({ labels: must, ownerName, namespace });
const look = (over: Partial<ClusterSnapshot>) => auditSnapshot(aSnapshot(over), RULES, DEFAULT_POLICY);
const one = look({ workloads: observed([plain('web')]) });
const states = (...looks: Parameters<typeof compareLooks>) =>
  compareLooks(...looks).findings.flatMap(({ state, finding }) =>
    finding.ruleId === 'workload-sandboxed' && finding.subject.kind === 'workload' ? [`${finding.subject.ownerName} ${state}`] : [],
  );

describe('two scans of a cluster', () => {
  it.each([
    ['the same twice', look({ workloads: observed([plain('web')]) }), ['web unchanged']],
    ['one more workload', look({ workloads: observed([plain('web'), plain('api')]) }), ['web unchanged', 'api opened']],
    ['another workload', look({ workloads: observed([plain('api')]) }), ['api opened', 'web resolved']],
    ['pods that could not be read', look({ workloads: unavailable('denied', 'May not list pods.') }), ['web not judged']],
    ['pods that were read in part', look({ workloads: observed([], { kind: 'truncated', message: 'cut' }) }), ['web not judged']],
  ])('with %s: never resolved without evidence', (_, newer, expected) => {
    expect(states([one], [newer], RULES).toSorted()).toEqual([...expected].toSorted());
  });

  it('report a cluster that is only in the older one', () => {
    expect(compareLooks([one], [], RULES)).toEqual({ findings: [], missing: [one.snapshot.cluster.name] });
  });
});

describe('a report of a namespace', () => {
  const report = { clusters: [look({ workloads: observed([plain('web'), plain('cart', 'pay')]) })], notListed: [] };

  it('contains only its workloads', () => {
    const [narrow] = narrowed(report, ['pay'], RULES).clusters;
    const subjects = narrow?.findings.map(({ subject }) => (subject.kind === 'workload' ? subject.namespace : subject.kind));
    expect(new Set(subjects)).toEqual(new Set(['pay']));
    expect(narrow?.runs.map(({ ruleId }) => ruleId)).not.toContain('node-image-current');
  });

  it('still reports that they could not be judged', () => {
    const dark = { clusters: [look({ workloads: unavailable('denied', 'No.') })], notListed: [] };
    expect(narrowed(dark, ['pay'], RULES).clusters[0]?.unknown.map(({ ruleId }) => ruleId)).toContain('workload-sandboxed');
  });

  it('is the whole report when no namespace is given', () => expect(narrowed(report, undefined, RULES)).toBe(report));
});
