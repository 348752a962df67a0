import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { run as command, type Ended, start } from '../support/command.ts';

const estate = defaultEstate('looks', new Date());
const CLUSTERS = ['pay-prod-neu', 'pay-prod-weu'];
let running: RunningEstate;
let folder: string;
const at = (name: string) => join(folder, name);

/** One kubeconfig with a context for each cluster, and one context whose server does not answer. */
function kubeconfig(): string {
  const parts = CLUSTERS.map((name) => ({ name, config: parse(running.kubeconfigFor(name)) }));
  const named = (kind: 'clusters' | 'users') => parts.flatMap(({ name, config }) => config[kind].map((one: object) => ({ ...one, name })));
  return stringify({
    'current-context': CLUSTERS[0],
    clusters: [...named('clusters'), { name: 'gone', cluster: { server: 'https://127.0.0.1:1' } }],
    users: named('users'),
    contexts: [...CLUSTERS, 'gone'].map((name) => ({ name, context: { cluster: name, ...(name === 'gone' ? {} : { user: name }) } })),
  });
}

beforeAll(async () => {
  running = await startEstate(estate);
  folder = await mkdtemp(join(tmpdir(), 'kataudit-looks-'));
  await writeFile(at('config'), kubeconfig());
  await writeFile(at('ca.pem'), running.caPem);
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<Ended> =>
  command(args, {
    KUBECONFIG: at('config'),
    KATAUDIT_ARM_ENDPOINT: running.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: running.token,
    NODE_EXTRA_CA_CERTS: at('ca.pem'),
  });

describe('kataudit without arguments', () => {
  it('audits the current context, with several formats from one scan', async () => {
    const { code, out, err } = await run('-o', 'TABLE', '-o', `json=${at('report.json')}`, '-o', `junit=${at('junit.xml')}`);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^Cluster pay-prod-neu: \d+ findings \(/);
    expect(out).toMatch(/^\d+ of \d+ rules judged; pods: all\.$/m);
    expect(out).toMatch(/^critical +workload-sandboxed .*\n {4}Fix: .*\n {6}kubectl edit /m);
    expect(JSON.parse(await readFile(at('report.json'), 'utf8'))).toMatchObject({ snapshot: { cluster: { name: 'pay-prod-neu' } } });
    expect(await readFile(at('junit.xml'), 'utf8')).toContain('<testsuite name="pay-prod-neu">');
  });

  it('reads the newest images from a file, because a kubeconfig does not provide them', async () => {
    const newest = (nodeImageVersion: string) => ({ nodeImageVersion, source: 'https://example.com', seenOn: '2026-11-30' });
    const rows = [newest('AKSAzureLinux-V3katagen2-203012.01.0')];
    await writeFile(at('images.json'), JSON.stringify({ schemaVersion: 1, newest: rows }));
    await writeFile(at('no-images.json'), '{"schemaVersion": 2}');
    const verdicts = (out: string) => {
      const [run] = JSON.parse(out).runs.filter(({ ruleId }: { ruleId: string }) => ruleId === 'node-image-current');
      const kata = run.judgements.filter(({ facts }: { facts?: { nodeImageVersion?: string } }) =>
        /kata/.test(facts?.nodeImageVersion ?? ''),
      );
      return [...new Set(kata.map(({ verdict }: { verdict: string }) => verdict))];
    };
    const alone = await run('collect', '--out', at('alone.json'));
    expect(alone.code).toBe(0);
    expect(verdicts((await run('evaluate', at('alone.json'), '-o', 'json')).out)).toEqual(['unknown']);
    expect(verdicts((await run('evaluate', at('alone.json'), '--images', at('images.json'), '-o', 'json')).out)).toEqual(['fail']);
    expect(verdicts((await run('audit', '--images', at('images.json'), '-o', 'json')).out)).toEqual(['fail']);
    for (const args of [['audit'], ['evaluate', at('alone.json')]]) {
      const { code, out, err } = await run(...args, '--images', at('no-images.json'));
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/no-images\.json is not an image file:\n {2}- schemaVersion: expected 1, got 2/);
    }
  });

  it('prints each call with its duration with --verbose, and no query', async () => {
    const { err, out } = await run('--verbose', '-o', 'sarif');
    expect(JSON.parse(out)).toHaveProperty('version', '2.1.0');
    expect(err).toMatch(/^kataudit: GET https:\/\/127\.0\.0\.1\S*\/api\/v1\/nodes 200, \d+ ms$/m);
    expect(err).not.toMatch(/\?|bearer/i);
  });

  it('repeats the scan, and marks what is new', async () => {
    const watching = start(['--watch', '1s'], { KUBECONFIG: at('config') });
    const out = await watching.until('critical  known');
    watching.child.kill('SIGINT');
    await watching.ended;
    expect(out).toMatch(/^Audited at \S+\. The next audit starts in 1 s; Ctrl-C ends\.$/m);
  });

  it('accepts a report as a baseline, and fails only for new findings', async () => {
    const { code, out } = await run('--baseline', at('report.json'), '--fail-on-new');
    expect(out).toMatch(/^critical +known +workload-sandboxed/m);
    expect(code).not.toBe(1);
    const { code: all } = await run('--baseline', at('report.json'));
    expect(all).toBe(1);
  });
});

describe('several clusters', () => {
  it('are one report, which names a cluster that cannot be reached and hides no other', async () => {
    const { code, out } = await run('audit', '--all-contexts', '--timeout', '20s');
    expect(out).toMatch(/^critical +pay-prod-neu +workload-sandboxed/m);
    expect(out).toMatch(/^Cluster gone: .*could not be judged/m);
    expect(code).toBe(1);
  });

  it('are saved in a folder with one report, and each snapshot can be judged again', async () => {
    const { code, out } = await run('audit', '--context', 'pay-prod-neu', '--context', 'pay-prod-weu', '--output-dir', at('estate'));
    expect([code, out]).toEqual([1, '']);
    expect((await readdir(at('estate'))).toSorted()).toEqual(['report.html', 'report.json', 'snapshots']);
    expect((await readdir(at('estate/snapshots'))).toSorted()).toEqual(['pay-prod-neu.json', 'pay-prod-weu.json']);
    expect((await run('evaluate', at('estate/snapshots/pay-prod-neu.json'))).out).toMatch(/^Cluster pay-prod-neu: /);
  });

  it('of a subscription are read through Azure', async () => {
    const [subscription] = estate.subscriptions;
    const { code, out } = await run('audit', '--subscription', subscription?.id ?? '', '-o', 'json');
    const { clusters } = JSON.parse(out);
    expect(clusters.map(({ snapshot }: { snapshot: { cluster: { name: string } } }) => snapshot.cluster.name).toSorted()).toEqual(
      subscription?.clusters.map(({ name }) => name).toSorted(),
    );
    expect(code).toBe(1);
  });
});

describe('kataudit show', () => {
  it('prints pools, classes, nodes and kernels', async () => {
    const { code, out } = await run('show', '--probe');
    expect(out).toContain('Node pools: not read. Read from a kubeconfig: no Azure access.');
    expect(out).toMatch(/^kata-vm-isolation +kata +kubernetes\.azure\.com\/kata-vm-isolation=true/m);
    expect(out).toMatch(/^aks-kata-\S+ +kata +yes +ready .*mshv/m);
    expect(out).toMatch(/^sandboxed pod: checkout\/Deployment\/payments-api +\S+mshv\S+ +\S+mshv\S+ +kata-vm-isolation/m);
    expect(code).toBe(0);
  });
});

describe('kataudit diff and policy preview', () => {
  it('show what changed, and what another policy would change', async () => {
    const same = await run('diff', at('report.json'), at('report.json'));
    expect([same.code, same.out]).toEqual([
      0,
      expect.stringMatching(/^0 opened, 0 resolved, 0 changed, 0 no longer judged, \d+ unchanged\.$/m),
    ]);
    await writeFile(at('laxer.yaml'), 'version: 1\nworkloads: []\n');
    const laxer = await run('policy', 'preview', at('laxer.yaml'), '--snapshot', at('report.json'), '-o', 'json');
    expect(JSON.parse(laxer.out).findings).toContainEqual(expect.objectContaining({ state: 'resolved' }));
    expect(laxer.code).toBe(0);
  });
});

describe('wrong usage', () => {
  it.each([
    [
      'audit',
      ['audit', '--context', 'pay-prod-neu', '--subscription', '11111111-1111-1111-1111-111111111111'],
      /either by a kubeconfig .* or through Azure/,
    ],
    ['audit', ['audit', '--all-contexts', '--context', 'x'], /cannot be combined/],
    ['audit', ['audit', '--output-dir', 'x', '--output', 'y'], /cannot be combined/],
    ['audit', ['audit', '--watch', 'soon'], /It must be a time such as 90s/],
    ['audit', ['audit', '--fail-on-new'], /--fail-on-new needs --baseline FILE/],
    ['audit', ['-o', 'json', '-o', 'csv'], /Name a file for the others/],
    ['audit', ['audit', '--context', 'elsewhere'], /has no context "elsewhere"/],
    ['show', ['show', '--probe', '--cluster', 'x'], /--probe needs a kubeconfig|ARM id/],
    ['show', ['show', '--format', 'csv'], /It must be one of table, json/],
    ['show', ['show', '--context', 'elsewhere'], /has no context/],
    ['diff', ['diff', 'README.md', 'README.md'], /is not JSON/],
    ['diff', ['diff', 'package.json', 'package.json'], /neither a snapshot of `kataudit collect` nor a report/],
    ['diff', ['diff', 'package.json'], /missing required argument 'new'/],
    ['policy preview', ['policy', 'preview', '-', '--url', 'http://127.0.0.1:1'], /standard input has 1 mistake/],
    [
      'policy preview',
      ['policy', 'preview', 'x.yaml', '--snapshot', 'x', '--key', 'k'],
      /--snapshot cannot be combined with the options of a running app/,
    ],
    ['policy preview', ['policy', 'preview', '/no/such', '--snapshot', 'package.json'], /Cannot read \/no\/such/],
    [
      'policy audit',
      ['policy', 'audit', '--snapshot', 'x', '--url', 'http://127.0.0.1:1'],
      /--snapshot cannot be combined with the options of a running app/,
    ],
    ['collect', ['collect', '--output', '/no/such/folder/x'], /Cannot write \/no\/such\/folder\/x/],
    ['evaluate', ['evaluate', '-'], /Not JSON: standard input/],
    ['verify', ['verify', '-'], /standard input is not a bundle/],
    ['policy check', ['policy', 'check', '-'], /standard input has 1 mistake/],
  ])('of %s: %j exits with 2 and one sentence', async (_, args, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ {4}at |bug in Kataudit/m);
  });
});
