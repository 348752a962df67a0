import { describe, expect, it } from 'vitest';
import { writeMarkdown } from '../../shared/exports/markdown.ts';
import { aFinding } from '../http/estate.ts';
import { aContext, written } from './samples.ts';

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
    expect(text).toContain('Could not be looked at');
  });
});
