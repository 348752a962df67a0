import { describe, expect, it } from 'vitest';
import { writeAnnotations } from '../../shared/exports/annotations.ts';
import { aFinding } from '../http/estate.ts';
import { aContext, written } from './samples.ts';

const place = { uri: 'k8s/a%2C%20b%25.yaml', line: 3, column: 5 };

describe('annotations', () => {
  it('are sorted by severity, each with its location', async () => {
    const findings = (['low', 'critical', 'medium'] as const).map((severity) => ({ finding: aFinding({ severity }), place }));
    const lines = (await written(writeAnnotations, findings)).trim().split('\n');
    expect(lines.map((line) => /^::(\w+) file=k8s\/a%2C b%25\.yaml,line=3,col=5,title=Kataudit (\w+)%3A /.exec(line)?.slice(1))).toEqual([
      ['error', 'critical'],
      ['warning', 'medium'],
      ['notice', 'low'],
    ]);
  });

  it('keep hostile text within its command', async () => {
    const finding = aFinding({ message: 'a\r\n::set-env name=x::100%' });
    expect((await written(writeAnnotations, [{ finding, place }])).split('\n')).toHaveLength(2);
    expect(await written(writeAnnotations, [{ finding, place }])).toContain('a%0D%0A::set-env name=x::100%25');
  });

  it('omit exempted and resolved findings, and report what was not judged', async () => {
    const exemption = { id: 'e', rule: 'r', category: 'waiver', reason: 'x', approvedBy: 'y', expiresOn: '2099-01-01T00:00:00Z' } as const;
    const findings = [{ finding: aFinding(), exemption }, { finding: aFinding({ status: 'resolved' }) }];
    const notes = [{ level: 'error', message: 'Cut off.', place }] as const;
    expect(await written(writeAnnotations, findings, aContext({ notes }))).toBe(
      '::error file=k8s/a%2C b%25.yaml,line=3,col=5,title=Kataudit not a finding::Cut off.\n',
    );
  });
});

describe('one annotation', () => {
  const lineOf = (...findings: Parameters<typeof written>[1] & object) => written(writeAnnotations, findings);

  it.each([
    ['critical', 'error'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'notice'],
    ['info', 'notice'],
  ] as const)('of the severity %s is an %s', async (severity, command) => {
    expect(await lineOf({ finding: aFinding({ severity }) })).toMatch(
      new RegExp(`^::${command} title=Kataudit ${severity}%3A node-image-current::node pool kata: `),
    );
  });

  it.each([
    ['error', 'error'],
    ['warning', 'warning'],
    ['note', 'notice'],
  ] as const)('of a note that is an %s is an %s', async (level, command) => {
    const text = await written(writeAnnotations, [], aContext({ notes: [{ level, message: 'Told.' }] }));
    expect(text).toBe(`::${command} title=Kataudit not a finding::Told.\n`);
  });

  it('is cut where GitHub would cut it, and keeps hostile paths within their member', async () => {
    const text = await lineOf({
      finding: aFinding({ message: 'x'.repeat(5_000) }),
      place: { uri: 'file:///a%3Ab,c%0D.yaml', line: 1, column: 2 },
    });
    expect(text.slice(text.indexOf('::', 2) + 2)).toHaveLength(4_001);
    expect(text).toMatch(/^::error file=\/a%3Ab%2Cc%0D\.yaml,line=1,col=2,title=/);
    expect(await lineOf({ finding: aFinding(), place: { uri: 'a/file://b', line: 1, column: 2 } })).toContain(' file=a/file%3A//b,');
  });
});
