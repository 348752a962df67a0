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
    expect(text).toContain(
      '<testcase classname="node-image-current" name="node pool kata"><skipped message="Exempted by e1 until 2027-01-01T00:00:00Z: Known."/>',
    );
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

describe('the suites of JUnit', () => {
  it('are one for the findings of each cluster, and one for what else was judged there', async () => {
    const findings = ['a', 'a', 'b'].map((clusterName, at) => ({
      finding: aFinding({ clusterName, subject: { kind: 'node', name: `n${at}` } }),
    }));
    const cluster = { id: 'c', name: 'b', subscriptionId: '', resourceGroup: '', location: '', tags: {} };
    const verdicts = async function* () {
      const unknown = unknownVerdict(cluster, '2026-09-01T00:00:00Z', 'r', 'Not seen.');
      yield { ...unknown, verdict: 'pass' as const, subject: { kind: 'node', name: 'n9' } as const };
      yield unknown;
    };
    const text = await written(writeJunit, findings, aContext({ verdicts }));
    const lines = text.split('\n').map((line) => line.replace(/<failure.*<\/testcase>/, '').replace(/<skipped.*<\/testcase>/, ''));
    expect(lines).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="Kataudit 1.2.3">',
      '<testsuite name="a">',
      '<testcase classname="node-image-current" name="node n0">',
      '<testcase classname="node-image-current" name="node n1">',
      '</testsuite>',
      '<testsuite name="b">',
      '<testcase classname="node-image-current" name="node n2">',
      '</testsuite>',
      '<testsuite name="b: passed and not judged">',
      '<testcase classname="r" name="node n9"/>',
      '<testcase classname="r" name="cluster">',
      '</testsuite>',
      '</testsuites>',
      '',
    ]);
    expect(await written(writeJunit, [])).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Kataudit 1.2.3">\n</testsuites>\n',
    );
  });

  it.each([
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
    ["'", '&apos;'],
    ['\n', '&#10;'],
    ['\t', '\ufffd'],
    ['\u0085', '\ufffd'],
    ['\ufffe', '\ufffd'],
    ['\u200e', '\ufffd'],
    ['\u2066', '\ufffd'],
    ['\ud800', '\ufffd'],
    ['é', 'é'],
  ])('show %j as %s', async (character, shown) => {
    expect(await written(writeJunit, [{ finding: aFinding({ message: `a${character}b` }) }])).toContain(`message="a${shown}b"`);
  });
});
