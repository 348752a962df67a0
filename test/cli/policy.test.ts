import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printReport } from '../../shared/cli/audit.ts';
import { policyAudit, policyCheck, policyExplain, policyInit, policySchema } from '../../shared/cli/policy.ts';
import { auditSaved } from '../../shared/compose/command-line/kubeconfig.ts';
import { policyFromText } from '../../shared/compose/container/policy.ts';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { RULES } from '../../shared/rules/index.ts';
import { aFinding, anEstate } from '../http/estate.ts';
import { aPlainPodGroup, aSnapshot } from '../support/a-snapshot.ts';
import { run } from '../support/command.ts';
import { serveApi } from '../support/serve-api.ts';
import { someSurroundings } from '../support/surroundings.ts';

const NOW = new Date('2026-09-01T12:00:00Z');
const ids = RULES.map(({ id }) => id);
const snapshot = printSnapshot(aSnapshot({ workloads: observed([aPlainPodGroup({ labels: { 'kataudit.io/sandbox': 'required' } })]) }));
let folder: string;
const at = (name: string) => join(folder, name);

function policyText(...exemptions: readonly Record<string, string>[]): string {
  const base = { category: 'waiver', reason: 'Moves.', approvedBy: 'me', rule: 'workload-sandboxed' };
  return JSON.stringify({ version: 1, exemptions: exemptions.map((one) => ({ ...base, ...one })), rules: { 'kata-pool-used': 'off' } });
}

async function said(work: (print: (text: string) => void) => Promise<number>): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const code = await work((text) => lines.push(text));
  return { code, text: lines.join('\n') };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-policy-'));
  await writeFile(at('snapshot.json'), snapshot);
  await writeFile(at('good.yaml'), policyText({ id: 'cart', expiresOn: '2026-09-02' }));
  await writeFile(at('bad.yaml'), 'version: 1\nrules:\n  workload-sandbox: high\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('kataudit policy check', () => {
  it('summarizes a valid policy', async () => {
    const { code, text } = await said((print) => policyCheck(at('good.yaml'), print));
    expect(code).toBe(0);
    expect(text).toMatch(/is a valid policy: 2 entries for clusters, 2 for workloads, 1 rule changed, 1 exemption/);
  });

  it('lists the mistakes of an invalid policy and exits with 2, without a stack', async () => {
    const { code, err } = await run(['policy', 'check', at('bad.yaml')]);
    expect(code).toBe(2);
    expect(err).toMatch(
      /has 1 mistake:\n {2}- line 3: rules\.workload-sandbox: there is no rule "workload-sandbox"; did you mean workload-sandboxed\?/,
    );
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('kataudit policy explain', () => {
  it('shows which entry decides, and why', async () => {
    const { code, out } = await run(['policy', 'explain', '--cluster', 'shop', '--namespace', 'web', '--tag', 'kataudit.io/sandbox=none']);
    expect(code).toBe(0);
    expect(out).toContain('It needs no Kata pool, by clusters[0] "tagged as not sandboxed": its tags have kataudit.io/sandbox=none.');
    expect(out).toContain('may apply: workloads[0]');
  });

  it('lists exemptions, and makes control characters visible', async () => {
    const options = { policy: at('good.yaml'), cluster: 'shop\u001b[2J', tag: [] };
    const { text } = await said((print) => policyExplain(options, NOW, print));
    expect(text).toContain('live: cart for workload-sandboxed, until 2026-09-03T00:00:00.000Z');
    expect(text).not.toContain('\u001b');
  });

  it('refuses an invalid tag', async () => {
    await expect(policyExplain({ cluster: 'shop', tag: ['env'] }, NOW, () => undefined)).rejects.toThrow('--tag must be name=value');
  });
});

describe('kataudit policy init', () => {
  it('writes the built-in policy, with every rule in a comment', async () => {
    await policyInit({ output: at('starter.yaml') });
    const text = await readFile(at('starter.yaml'), 'utf8');
    expect(parsePolicy(text, 'starter', ids)).toEqual(DEFAULT_POLICY);
    for (const id of ids) expect(text).toContain(`# ${id}: `);
  });

  it('contains commented rules and an exemption that are valid without the comment marks', async () => {
    const text = await readFile(at('starter.yaml'), 'utf8');
    const bare = text
      .replace('exemptions: []', 'exemptions:')
      .replace('rules: {}', 'rules:')
      .replace('targets: []', 'targets:')
      .replace(/^( +)# (?=[a-z -])/gm, '$1');
    const { rules, exemptions, workloads } = parsePolicy(bare, 'starter', ids);
    expect(Object.keys(rules)).toEqual(ids);
    expect(exemptions).toHaveLength(1);
    expect(workloads).toHaveLength(3);
  });
});

describe('kataudit policy schema', () => {
  it('writes the committed schema', async () => {
    await policySchema({ output: at('schema.json') });
    const committed = join(import.meta.dirname, '../../docs/policy.schema.json');
    expect(await readFile(at('schema.json'), 'utf8')).toBe(await readFile(committed, 'utf8'));
  });
});

describe('kataudit policy audit', () => {
  const audit = (policy: string, now: Date) =>
    said((print) => policyAudit({ policy, snapshot: [at('snapshot.json')], url: '' }, now, print));

  it('exits with 0 for exemptions that cover something', async () => {
    const { code, text } = await audit(at('good.yaml'), NOW);
    expect(code).toBe(0);
    expect(text).toMatch(/live +cart +workload-sandboxed +1 /);
  });

  it('exits with 1 for unused and expired exemptions', async () => {
    const text = policyText({ id: 'gone', cluster: 'gone', expiresOn: '2026-09-02' }, { id: 'over', expiresOn: '2026-09-01T12:00:00Z' });
    await writeFile(at('stale.yaml'), text);
    const told = await audit(at('stale.yaml'), NOW);
    expect(told.code).toBe(1);
    expect(told.text).toMatch(/unused +gone/);
    expect(told.text).toMatch(/expired +over +workload-sandboxed +1 /);
  });

  it('reports that there is none', async () => {
    await writeFile(at('none.yaml'), 'version: 1');
    expect(await audit(at('none.yaml'), NOW)).toEqual({ code: 0, text: 'There are no exemptions.' });
  });

  it('queries a running app about its own exemptions', async () => {
    const base = {
      rule: 'workload-sandboxed',
      category: 'waiver',
      reason: 'r',
      approvedBy: 'a',
      expiresOn: '2999-01-01T00:00:00Z',
    } as const;
    const exemptions = [
      { ...base, id: 'used' },
      { ...base, id: 'unused', cluster: 'gone' },
    ];
    const inForce = { policy: { ...DEFAULT_POLICY, exemptions }, hash: '', source: 'a test' };
    const findings = [aFinding({ ruleId: 'workload-sandboxed' })];
    const api = await serveApi(anEstate({ findings }, { policy: async () => inForce, rules: RULES }));
    const told = await said((print) => policyAudit({ snapshot: [], url: api.url }, NOW, print));
    await api.stop();
    expect(told.code).toBe(1);
    expect(told.text).toMatch(/live +used .* 1 .*\nunused +unused .* 0 /);
  });

  it('refuses a policy for a running app', async () => {
    const options = { policy: at('good.yaml'), snapshot: [], url: 'http://127.0.0.1:1' };
    await expect(policyAudit(options, NOW, () => undefined)).rejects.toThrow('--policy needs --snapshot');
  });
});

describe('an exemption that expires at noon', () => {
  it.each([
    ['2026-09-01T11:59:00Z', 0, /0 findings, 1 exempted.*EXEMPTED.*workload-sandboxed.*noon/s],
    ['2026-09-01T12:00:00Z', 1, /1 finding .*, 0 could not.*critical +workload-sandboxed/s],
  ])('at %s leaves the command line with exit code %i', async (now, code, expected) => {
    const text = policyText({ id: 'noon', expiresOn: '2026-09-01T12:00:00Z' });
    const inForce = await policyFromText(text, 'policy.yaml');
    const result = await auditSaved(snapshot, 'snapshot.json', inForce.policy);
    const here = someSurroundings({ now: new Date(now) });
    expect(await printReport(here, { clusters: [result], notListed: [] }, [{ format: 'table' }], inForce, { failOn: 'info' })).toBe(code);
    expect(here.out()).toMatch(expected);
  });
});
