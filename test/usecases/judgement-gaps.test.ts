import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import type { Judgement, RuleRun } from '../../shared/domain/rule/rule.ts';
import type { FaultCode } from '../../shared/domain/snapshot/fault.ts';
import { FULL, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { RULES } from '../../shared/rules/index.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { judgementGaps } from '../../shared/usecases/judgement-gaps.ts';
import { aSnapshot } from '../support/a-snapshot.ts';

const ruleId = 'r';
const subject = { kind: 'cluster' } as const;
const unknown = (reason?: FaultCode): Judgement => ({
  verdict: 'unknown',
  subject,
  message: 'm',
  ...(reason === undefined ? {} : { reason }),
});
const missing = (...codes: readonly FaultCode[]) => codes.map((code) => ({ evidence: 'nodes', reason: { code, message: code } }) as const);

it.each<[string, RuleRun, readonly (readonly [string, boolean])[]]>([
  ['is off', { ruleId, state: 'off' }, []],
  ['failed', { ruleId, state: 'error', message: 'why' }, [['The rule failed: why', false]]],
  ['missed something', { ruleId, state: 'unavailable', missing: missing('denied') }, [['nodes: denied', false]]],
  [
    'missed what nobody asks for',
    { ruleId, state: 'unavailable', missing: missing('not-asked', 'no-azure-access') },
    [['nodes: not-asked; nodes: no-azure-access', true]],
  ],
  ['missed both', { ruleId, state: 'unavailable', missing: missing('not-asked', 'denied') }, [['nodes: not-asked; nodes: denied', false]]],
  ['judged all', { ruleId, state: 'judged', coverage: FULL, judgements: [{ verdict: 'pass', subject }] }, []],
  ['judged a part', { ruleId, state: 'judged', coverage: { kind: 'truncated', message: 'cut' }, judgements: [] }, [['cut', false]]],
  [
    'does not know',
    { ruleId, state: 'judged', coverage: FULL, judgements: [unknown(), unknown('denied'), unknown('no-azure-access')] },
    [
      ['m', false],
      ['m', false],
      ['m', true],
    ],
  ],
])('a rule that %s tells what it could not judge, and whether that is by design', (_, run, gaps) => {
  expect(judgementGaps([run])).toEqual(gaps.map(([message, byDesign]) => ({ ruleId, message, byDesign })));
});

it('a scan from a kubeconfig distinguishes what it could not read from what it never reads', () => {
  const noAzure = unavailable('no-azure-access', 'No Azure.');
  const looked = aSnapshot({
    settings: noAzure,
    nodePools: noAzure,
    latestImages: noAzure,
    workloads: unavailable('denied', '403 on pods'),
  });
  const { unknown: gaps, notCovered } = auditSnapshot(looked, RULES, DEFAULT_POLICY);
  expect(gaps.length).toBeGreaterThan(0);
  expect(notCovered.length).toBeGreaterThan(0);
  for (const { message } of gaps) expect(message).not.toContain('No Azure.');
  for (const { message } of notCovered) expect(message).not.toContain('403');
});
