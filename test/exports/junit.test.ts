import { describe, expect, it } from 'vitest';
import { writeJunit } from '../../shared/exports/junit.ts';
import { unknownVerdict } from '../../shared/exports/verdicts.ts';
import { aFinding } from '../http/estate.ts';
import { aContext, written } from './samples.ts';

const HOSTILE = `</failure>"'<&\u0000\u202e]]>\nx`;

describe('JUnit', () => {
  it('reports a finding as a failure with its message and remediation, and omits resolved findings', async () => {
    const text = await written(writeJunit, [
      { finding: aFinding({ message: 'Seen.', remediation: 'Do this.', commands: [{ run: 'kubectl x', deletes: true }] }) },
      { finding: aFinding({ status: 'resolved', message: 'Gone.' }) },
    ]);
    expect(text).toMatch(
      /<testcase classname="[^"]+" name="[^"]+"><failure type="\w+" message="Seen\.">Seen\.&#10;Do this\.&#10;\(deletes\) kubectl x</,
    );
    expect(text).not.toContain('Gone.');
  });

  it('reports exempted and unjudged subjects as skipped, each with the reason', async () => {
    const exemption = {
      id: 'e1',
      rule: 'r',
      category: 'waiver',
      reason: 'Known.',
      approvedBy: 'a',
      expiresOn: '2027-01-01T00:00:00Z',
    } as const;
    const cluster = { id: 'c', name: 'prod', subscriptionId: '', resourceGroup: '', location: '', tags: {} };
    const verdicts = async function* () {
      yield unknownVerdict(cluster, '2026-09-01T00:00:00Z', 'node-image-current', 'Not seen.');
    };
    const text = await written(writeJunit, [{ finding: aFinding(), exemption }], aContext({ verdicts }));
    expect(text).toContain('<skipped message="Exempted by e1 until 2027-01-01T00:00:00Z: Known."/>');
    expect(text).toContain('<testcase classname="node-image-current" name="cluster"><skipped message="Not judged: Not seen."/>');
    expect(text).not.toContain('<failure');
  });

  it('keeps hostile text within its attribute and element', async () => {
    const text = await written(writeJunit, [{ finding: aFinding({ message: HOSTILE, clusterName: HOSTILE }) }]);
    expect(text.match(/<\/?[a-z]+/g)).toEqual([
      '<testsuites',
      '<testsuite',
      '<testcase',
      '<failure',
      '</failure',
      '</testcase',
      '</testsuite',
      '</testsuites',
    ]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 does not allow them.
    expect(text).not.toMatch(/[\u0000\u202e]/);
  });
});
