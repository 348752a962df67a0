import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { startLocal } from '../../shared/compose/container/local.ts';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import type { AuditReport } from '../../shared/ports/audit-store.ts';
import { freePort } from '../support/command.ts';
import { MODULES_FILE, MODULES_OF, RECORD_MODULES } from '../support/record-modules.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';

const VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'NODE_OPTIONS', MODULES_FILE, MODULES_OF];

/** The telemetry of an audit of a few clusters. */
interface Audited {
  readonly report: AuditReport;
  /** Text that telemetry must never contain. */
  readonly secrets: readonly string[];
}

let folder: string;
let receiver: OtlpReceiver;

/** Runs an audit in local mode, with its functions host in a separate process with these variables. */
async function audit(name: string, variables: Readonly<Record<string, string>>): Promise<Audited> {
  const file = join(folder, name);
  const whole = defaultEstate('telemetry', new Date());
  const estate = { ...whole, subscriptions: whole.subscriptions.slice(0, 1) };
  Object.assign(process.env, variables, { NODE_OPTIONS: RECORD_MODULES, [MODULES_FILE]: file, [MODULES_OF]: 'host-process' });
  const local = await startLocal({ port: await freePort(), auth: true, now: new Date(), estate }).finally(() => {
    for (const variable of VARIABLES) delete process.env[variable];
  });
  try {
    const report = await followAudit(local, () => undefined);
    const keyOfStorage = /AccountKey=([^;]+)/.exec(local.storageConnectionString)?.[1] ?? expect.unreachable();
    return { report, secrets: [local.estate.token, local.key ?? expect.unreachable(), keyOfStorage] };
  } finally {
    await local.stop();
  }
}

/** Every module that the functions host of an audit loaded. */
async function modulesOf(name: string): Promise<readonly string[]> {
  return (await readFile(join(folder, name), 'utf8')).split('\n');
}

const ofOpenTelemetry = (modules: readonly string[]) => modules.filter((url) => /opentelemetry|\/shared\/telemetry\//.test(url));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-telemetry-'));
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await receiver?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('an audit of the whole app', { timeout: 120_000 }, () => {
  it('sends its spans and metrics to the configured endpoint, without secrets', async () => {
    const { report, secrets } = await audit('on', {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=of-the-endpoint',
    });
    const clusters = report.clusters.map(({ clusterId }) => clusterId.toLowerCase()).sort();
    const named = (wanted: string) => receiver.spans.filter(({ name }) => name === wanted);
    const scans = named('scan-cluster');

    expect(clusters.length).toBeGreaterThan(1);
    expect(named('plan-audit')).toEqual([
      expect.objectContaining({
        attributes: { 'kataudit.cause': 'timer', 'kataudit.audit': report.audit.id, 'kataudit.subscriptions': 1 },
        parentSpanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      }),
    ]);
    expect([...new Set(scans.map(({ attributes }) => String(attributes['kataudit.cluster']).toLowerCase()))].sort()).toEqual(clusters);
    for (const { attributes, parentSpanId } of scans) {
      expect(attributes['kataudit.audit']).toBe(report.audit.id);
      // A child of the host's own span of that run.
      expect(parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    }
    const ids = new Set(scans.map(({ spanId }) => spanId));
    expect(named('kubernetes workloads').length).toBeGreaterThan(0);
    for (const { parentSpanId } of [...named('kubernetes workloads'), ...named('azure getCluster')]) {
      expect(ids).toContain(parentSpanId);
    }
    const durations = receiver.metrics.findLast(({ name }) => name === 'kataudit.scan.duration');
    expect(durations?.histogram.dataPoints.reduce((sum, { count }) => sum + count, 0)).toBe(scans.length);
    for (const secret of [...secrets, 'Bearer']) expect(receiver.everything()).not.toContain(secret);
    expect(receiver.everything()).toContain('of-the-endpoint');
    expect(ofOpenTelemetry(await modulesOf('on')).length).toBeGreaterThan(10);
  });

  it('loads no OpenTelemetry module when no destination is set', async () => {
    const before = receiver.requests();
    const { report } = await audit('off', {});
    const modules = await modulesOf('off');

    expect(report.clusters.length).toBeGreaterThan(1);
    expect(modules.some((url) => url.endsWith('/shared/usecases/scan-cluster.ts'))).toBe(true);
    expect(ofOpenTelemetry(modules)).toEqual([]);
    expect(receiver.requests()).toBe(before);
  });
});
