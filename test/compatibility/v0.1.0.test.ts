import { createReadStream, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { keyFingerprint } from '../../shared/domain/evidence/signature.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { evaluate } from '../../shared/domain/rule/evaluate.ts';
import { parseSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import { verifyBundle } from '../../shared/exports/verify-bundle.ts';
import { RULES } from '../../shared/rules/index.ts';

/** Files that 0.1.0 wrote. They are never changed, because every later version must read what was stored then. */
const FOLDER = resolve(import.meta.dirname, '../fixtures/v0.1.0');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

describe('what 0.1.0 stored', () => {
  it('a snapshot gets the same failures', () => {
    const snapshot = parseSnapshot(read('snapshot-pay-prod-neu.json'), 'snapshot-pay-prod-neu.json');

    const failures = evaluate(snapshot, RULES, DEFAULT_POLICY).flatMap((run) => {
      expect(run.state, run.ruleId).not.toBe('error');
      const judgements = run.state === 'judged' ? run.judgements : [];
      return judgements.filter(({ verdict }) => verdict === 'fail').map(({ subject }) => `${run.ruleId} ${subjectKey(subject)}`);
    });

    expect(failures.toSorted()).toEqual(JSON.parse(read('failures-pay-prod-neu.json')));
  });

  it('a bundle is intact and signed by its key', async () => {
    const check = await verifyBundle(() => createReadStream(join(FOLDER, 'bundle.jsonl')));

    expect(check).toMatchObject({ state: 'intact', sequence: 1, signedBy: keyFingerprint(read('bundle-key.pem')) });
  });

  it('a policy with every section has the same meaning', () => {
    const ruleIds = RULES.map(({ id }) => id);

    // 0.1.0 ended an exemption at the beginning of the named day; later versions cover that day.
    const expected = read('policy.json').replace('2026-10-31T00:00:00.000Z', '2026-11-01T00:00:00.000Z');

    expect(parsePolicy(read('policy.yaml'), 'policy.yaml', ruleIds)).toMatchObject(JSON.parse(expected));
  });
});
