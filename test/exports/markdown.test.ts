import { describe, expect, it } from 'vitest';
import { writeMarkdown } from '../../shared/exports/markdown.ts';
import { aFinding, aSummary } from '../http/estate.ts';
import { aContext, from, written } from './samples.ts';

const HOSTILE = '[x](https://evil.example) @admin `code` <img src=x> | cell\n# heading';

describe('Markdown', () => {
  it('lists findings with their remediation, each command on one line', async () => {
    const commands = [{ run: 'kubectl get pods | head', deletes: false }];
    const text = await written(writeMarkdown, [{ finding: aFinding({ message: 'Seen.', remediation: 'Do this.', commands }) }]);
    expect(text).toContain('| Seen. | Do this.<br><code>kubectl get pods &#124; head</code> |');
  });

  it('never renders a hostile name as a link, markup, row or mention', async () => {
    const text = await written(writeMarkdown, [
      { finding: aFinding({ message: HOSTILE, clusterName: HOSTILE, commands: [{ run: HOSTILE, deletes: false }] }) },
    ]);
    const [row = ''] = text.split('\n').filter((line) => line.includes('evil.example'));
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    const shown = row.replaceAll(/<code>[^<]*<\/code>/g, (code) => code.replaceAll('@', ''));
    expect(shown).not.toMatch(/\]\(|:\/\/|<img|@admin|^#/);
  });

  it('says that there is no finding, and what could not be checked', async () => {
    const text = await written(writeMarkdown, [], aContext());
    expect(text).toContain('No finding.');
    expect(text).toContain('Could not be read');
  });
});

describe('the filters of Markdown', () => {
  it('are stated, so that no finding among a part is not read as no finding at all', async () => {
    const text = await written(writeMarkdown, [], aContext({ filters: ['severity=high', `cluster=${HOSTILE}`] }));
    const [line = ''] = text.split('\n').filter((one) => one.startsWith('Findings shown: only those with severity=high, cluster='));
    expect(line).not.toMatch(/\]\(|:\/\/|<img|@admin/);
    expect(text).toContain('No finding with these filters.');
  });

  it('are not mentioned where there are none', async () => {
    const text = await written(writeMarkdown, [], aContext({ filters: [] }));
    expect(text).toContain('No finding.');
    expect(text).not.toContain('Findings shown');
  });
});

describe('the rows of Markdown', () => {
  it('say for each cluster how it was scanned and what is open, by severity', async () => {
    const gaps = [
      { evidence: 'nodes', reason: { code: 'denied', message: 'No.' } },
      { evidence: 'rule', reason: { code: 'malformed', message: 'Odd.' } },
    ] as const;
    const findings = [aFinding(), aFinding({ severity: 'info' })];
    const text = await written(
      writeMarkdown,
      [],
      aContext({ clusters: () => from([aSummary('prod', findings, { gaps, assessment: 'partly-assessed' })]) }),
    );
    expect(text.split('\n').slice(4, 7)).toEqual([
      '| Cluster | Assessed | critical | high | medium | low | info | Could not be read |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| prod | partly-assessed | 0 | 1 | 0 | 0 | 1 | nodes&#58; No. rule&#58; Odd. |',
    ]);
  });

  it('give the state of each finding', async () => {
    const exemption = { id: 'e1', rule: 'r', category: 'waiver', reason: 'x', approvedBy: 'a', expiresOn: '2027-01-01' } as const;
    const commands = [{ run: 'kubectl delete x', deletes: true }];
    const text = await written(writeMarkdown, [
      { finding: aFinding({ commands: [] }) },
      { finding: aFinding({ commands }), exemption },
      { finding: aFinding({ status: 'resolved' }), exemption },
    ]);
    const rows = text.split('\n').filter((line) => line.includes('node-image-current'));
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(['| high', '| high, exempted until 2027-01-01', '| resolved']);
    expect(rows[1]).toContain('<br>Deletes: <code>kubectl delete x</code>');
    expect(text.split('\n').slice(-6, -3)).toEqual([
      '| Severity | Rule | Cluster | Subject | What was seen | What to do |',
      '| --- | --- | --- | --- | --- | --- |',
      rows[0],
    ]);
    expect(text.match(/^\| Severity /gm)).toHaveLength(1);
    expect(text).not.toContain('No finding.');
  });
});
