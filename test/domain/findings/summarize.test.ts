import { describe, expect, it } from 'vitest';
import { gapsOf, summarize, tally } from '../../../shared/domain/findings/summarize.ts';
import type { ClusterSummary } from '../../../shared/domain/findings/summary.ts';
import type { RuleRun } from '../../../shared/domain/rule/rule.ts';
import { given } from '../../../shared/domain/snapshot/given.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aPlainPool, aPodGroup, aSnapshot, NOW, type SnapshotParts } from '../../support/a-snapshot.ts';

const EARLIER = '2026-08-01T00:00:00.000Z';
const sum = (over: SnapshotParts = {}, runs: readonly RuleRun[] = [], previous?: ClusterSummary) =>
  summarize({ snapshot: aSnapshot(over), runs, findings: [], cause: 'a test', ...given({ previous }) });
const erred: RuleRun = { ruleId: 'kata-pool-used', state: 'error', message: 'It threw.' };

describe('the summary of a cluster', () => {
  it.each([
    ['seen whole', {}, 'assessed', NOW],
    [
      'whose pods were read in part',
      { workloads: observed([aPodGroup()], { kind: 'truncated', message: 'm' }) },
      'partly-assessed',
      EARLIER,
    ],
    ['whose classes could not be read', { runtimeClasses: unavailable('denied', 'no') }, 'partly-assessed', EARLIER],
    [
      'whose nodes and pods could not be read',
      { nodes: unavailable('stopped', 'no'), workloads: unavailable('stopped', 'no') },
      'not-assessed',
      EARLIER,
    ],
  ] as const)('of one %s is %s, and was assessed last then', (_, over, assessment, lastAssessedAt) => {
    const previous = { ...sum(), lastAssessedAt: EARLIER };
    expect(sum(over, [], previous)).toMatchObject({ assessment, lastAssessedAt });
  });

  it('has no assessment time when it was never assessed', () => {
    expect(sum({ nodes: unavailable('denied', 'no') })).not.toHaveProperty('lastAssessedAt');
  });

  it('names the oldest image, and ignores an unreadable one', () => {
    const image = (name: string, nodeImageVersion: string) => aPlainPool({ name, nodeImageVersion });
    const nodePools = observed([
      image('new', 'AKSUbuntu-2404-202608.20.0'),
      image('old', 'AKSUbuntu-2404-202601.20.0'),
      image('mid', 'AKSUbuntu-2404-202605.20.0'),
      image('odd', 'AKS'),
    ]);
    expect(sum({ nodePools }).oldestImage).toEqual({
      nodePool: 'old',
      nodeImageVersion: 'AKSUbuntu-2404-202601.20.0',
      releasedOn: '2026-01-20',
    });
  });

  it('counts a failed rule, and a rule without evidence, as unknown', () => {
    const blind: RuleRun = { ruleId: 'node-os-patching', state: 'unavailable', missing: [] };
    expect(tally([erred, blind], [])).toMatchObject({
      'kata-pool-used': { verdicts: { unknown: 1, pass: 0 } },
      'node-os-patching': { verdicts: { unknown: 1, pass: 0 } },
    });
  });
});

describe('the gaps of a scan', () => {
  it('are those of the evidence, and rules that failed', () => {
    expect(gapsOf(aSnapshot(), [])).toEqual([]);
    expect(gapsOf(aSnapshot({ nodes: unavailable('denied', 'no') }), [erred])).toMatchObject([
      { evidence: 'nodes', reason: { code: 'denied', message: 'no' } },
      { evidence: 'rule', reason: { message: 'kata-pool-used: It threw.' } },
    ]);
  });
});
