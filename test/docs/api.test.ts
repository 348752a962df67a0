import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { memoryBundles } from '../../shared/memory/bundles.ts';
import type { ClusterAssessment } from '../../shared/ports/assessment-store.ts';
import type { Signer } from '../../shared/ports/signer.ts';
import { aFinding, anEstate, aSummary, NOW, SUBSCRIPTION } from '../http/estate.ts';
import { anExemptionStore } from '../http/exemption-store.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';
import { examplesOf, runExamples, withOutputs } from './examples.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/api.md');
const KEY = 'key-of-the-examples-with-43-characters-here';
/** The page reads headers with `%header{}`, which curl supports since 7.84. */
const curlVersion = /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '');
const hasCurl = curlVersion !== null && Number(curlVersion[1]) * 100 + Number(curlVersion[2]) >= 784;

const cart = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } as const;
const unsandboxed = aFinding({
  ruleId: 'workload-sandboxed',
  subject: cart,
  severity: 'critical',
  message: 'Runs with runc: its pods name no RuntimeClass.',
  remediation: 'Set runtimeClassName: kata-vm-isolation in the pod template.',
  facts: { pods: 3, handler: 'runc' },
});
const stale = aFinding();
const findings = [
  stale,
  unsandboxed,
  aFinding({ clusterName: 'test', severity: 'low', message: 'The node image is 16 days behind.', facts: { days: 16 } }),
];
const prod = aSummary('prod', [stale, unsandboxed]);
const dark = unavailable('denied', 'The identity may not list pods.');
const assessment: ClusterAssessment = {
  snapshot: {
    schemaVersion: 1,
    cluster: prod.cluster,
    observedAt: prod.observedAt,
    settings: dark,
    nodePools: dark,
    latestImages: dark,
    nodes: dark,
    runtimeClasses: dark,
    namespaces: dark,
    workloads: dark,
    isolationProofs: dark,
    templates: dark,
    guardrails: dark,
  },
  runs: [
    {
      ruleId: 'workload-sandboxed',
      state: 'judged',
      coverage: FULL,
      judgements: [
        { verdict: 'pass', subject: { ...cart, ownerName: 'payments' } },
        { verdict: 'fail', subject: cart, message: unsandboxed.message },
        { verdict: 'unknown', subject: { ...cart, ownerName: 'search' }, message: 'Its pods are not scheduled yet.' },
      ],
    },
  ],
  policyHash: 'f'.repeat(64),
};
const parkedMessage = { queue: 'scans', body: '{}', reason: 'The storage was away.', parkedAt: NOW, dequeueCount: 5 };
const audit = { id: 'audit-8', startedAt: '2026-11-23T06:00:00.000Z', cause: 'timer', subscriptions: [SUBSCRIPTION] } as const;
const at = '2026-11-23T06:00:42.000Z';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer: Signer = {
  sign: async (bytes) => ({
    algorithm: 'Ed25519',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    value: sign(null, bytes, privateKey).toString('base64url'),
  }),
};

const anApp = () => {
  const parts = {
    findings,
    summaries: [
      prod,
      aSummary('test', [findings[2] ?? stale]),
      aSummary('dark', [], {
        assessment: 'not-assessed',
        gaps: [{ evidence: 'cluster', reason: { code: 'not-entra-integrated', message: 'The cluster has no Entra ID integration.' } }],
        kataNodePools: 0,
        pods: 0,
        sandboxedPods: 0,
      }),
    ],
    history: [
      {
        findingId: unsandboxed.id,
        clusterId: unsandboxed.clusterId,
        ruleId: unsandboxed.ruleId,
        at: unsandboxed.firstSeenAt,
        kind: 'opened',
        cause: 'audit-1',
        severity: unsandboxed.severity,
        message: unsandboxed.message,
      },
    ] as const,
    audits: [audit],
    parked: [
      { id: 'abc', ...parkedMessage },
      { id: 'def', ...parkedMessage },
    ],
  };
  const audits = {
    ...anEstate(parts).audits,
    get: async (id: string) =>
      id !== audit.id
        ? undefined
        : {
            audit,
            subscriptions: [{ auditId: id, subscriptionId: SUBSCRIPTION, at, outcome: { state: 'listed', clusters: 1 } as const }],
            clusters: [{ auditId: id, clusterId: prod.cluster.id, at, state: 'assessed' as const, reasons: [], changed: 1 }],
          },
  };
  const assessments = { ...anEstate().assessments, get: async (id: string) => (id === prod.cluster.id ? assessment : undefined) };
  return anEstate(parts, { audits, assessments, exemptions: anExemptionStore(), signer, bundles: memoryBundles() });
};

/** Without values that differ between runs, and without the carriage returns of headers. */
function settled(output: string, origin: string): string {
  return output
    .replaceAll('\r', '')
    .replaceAll(origin, 'http://127.0.0.1:7071')
    .replaceAll(/SHA256:[\w-]{43}/g, 'SHA256:…')
    .replaceAll(/follows [0-9a-f]{64}/g, 'follows …')
    .replaceAll(/ of \d{4}-\d\d-\d\dT[\d:.]+Z, (\d+ entries)/g, ' of 2026-11-23T12:00:00.000Z, $1');
}

describe('docs/api.md', () => {
  let folder: string;
  let api: ServedApi;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kataudit-docs-'));
    api = await serveApi(anApp(), KEY);
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.skipIf(!hasCurl)(
    'shows the answers of the app (skipped without curl 7.84 or newer)',
    async () => {
      const page = await readFile(PAGE, 'utf8');
      const examples = examplesOf(page);
      const prelude = [
        `API=${api.url}`,
        `KEY=${KEY}`,
        'auth="x-functions-key: $KEY"',
        `kataudit() { '${process.execPath}' '${join(ROOT, 'shared/cli/main.ts')}' "$@"; }`,
      ].join('\n');
      const outputs = await runExamples(
        examples.map(({ command }) => command),
        prelude,
        folder,
      );
      expect(api.bugs).toEqual([]);
      const shown = outputs.map((output) => settled(output, new URL(api.url).origin));
      await expect(withOutputs(page, examples, shown)).toMatchFileSnapshot(PAGE);
    },
    120_000,
  );

  it('runs every command block except the setup, and shows the output of each', async () => {
    const page = await readFile(PAGE, 'utf8');
    expect(page.match(/```sh\n/g)).toHaveLength(examplesOf(page).length);
    expect(page.match(/```(?:json|text)\n/g)).toHaveLength(examplesOf(page).length);
  });

  it('has an example of every operation except the pages of the dashboard', async () => {
    const commands = examplesOf(await readFile(PAGE, 'utf8')).map(({ command }) => command);
    const shows = (route: string) => {
      const path = new RegExp(`\\$API/${route.replace(/\{\*?\w+\}/g, '[^ "?]+').replaceAll('.', '\\.')}(?=["? ])`);
      return commands.some((command) => path.test(command));
    };
    expect(ROUTES.filter(({ route }) => !route.startsWith('dashboard') && !shows(route)).map(({ name }) => name)).toEqual([]);
  });
});
