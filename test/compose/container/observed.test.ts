import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observedPlan, observedScan } from '../../../shared/compose/container/observed.ts';
import { SILENT } from '../../../shared/compose/container/telemetry.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { Telemetry } from '../../../shared/ports/telemetry.ts';
import { openTelemetry } from '../../../shared/telemetry/open-telemetry.ts';
import { aCluster } from '../../support/a-snapshot.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../telemetry/otlp-receiver.ts';
import { BAD, ScanWorld } from '../../usecases/a-scan.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

let receiver: OtlpReceiver;
let telemetry: Telemetry;
let world: ScanWorld;

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  telemetry = await openTelemetry({
    destinations: { otlpEndpoint: receiver.url },
    serviceName: 'app',
    version: '1',
    onTrouble: () => undefined,
  });
  world = new ScanWorld();
});
afterEach(() => receiver.stop());

const scan = (lastTry = false) => {
  const message = { clusterId: aCluster().id, cause: 'a1', auditId: 'a1', requestedAt: world.now };
  return observedScan({ ...world.deps, telemetry }, message, lastTry, AbortSignal.timeout(5_000));
};
const names = () => receiver.spans.map(({ name }) => name).sort();
const spanOf = (wanted: string) => receiver.spans.find(({ name }) => name === wanted);
const outcomes = () =>
  receiver.metrics.flatMap(({ name, histogram }) =>
    name === 'kataudit.scan.duration' ? histogram.dataPoints.map(({ count, attributes }) => [attributes['kataudit.outcome'], count]) : [],
  );

describe('a traced scan', () => {
  it('is a span with its outcome, and a child span for each external call', async () => {
    world.workloads = [BAD];
    const result = await scan();
    await telemetry.flush();

    expect(result.assessment).toBe('assessed');
    expect(spanOf('scan-cluster')?.attributes).toEqual({
      'kataudit.cluster': result.clusterId,
      'kataudit.audit': 'a1',
      'kataudit.last_try': false,
      'kataudit.assessment': 'assessed',
      'kataudit.opened': 1,
      'kataudit.reopened': 0,
      'kataudit.resolved': 0,
    });
    expect(names()).toEqual([
      'azure getCluster',
      'azure latestNodeImage',
      'azure latestNodeImage',
      'kubernetes connect',
      'kubernetes namespaces',
      'kubernetes nodes',
      'kubernetes runtimeClasses',
      'kubernetes templates',
      'kubernetes volumes',
      'kubernetes workloads',
      'scan-cluster',
    ]);
    expect(spanOf('kubernetes workloads')?.attributes).toEqual({ 'kataudit.count': 1 });
    const { traceId, spanId } = spanOf('scan-cluster') ?? expect.unreachable();
    for (const step of receiver.spans) if (step.spanId !== spanId) expect(step).toMatchObject({ traceId, parentSpanId: spanId });
    expect(outcomes()).toEqual([['assessed', 1]]);
    expect(world.connections).toBe(0);
  });

  it('names the part that could not be read, and the assessment partly-assessed', async () => {
    world.workloads = new Fault('denied', "The client 'anna@contoso.com' may not list pods.");
    await scan();
    await telemetry.flush();

    expect(spanOf('kubernetes workloads')).toMatchObject({ attributes: { 'error.type': 'denied' }, status: { code: 2 } });
    expect(spanOf('scan-cluster')).toMatchObject({ attributes: { 'kataudit.assessment': 'partly-assessed' }, status: { code: 0 } });
    expect(outcomes()).toEqual([['partly-assessed', 1]]);
    expect(receiver.everything()).not.toContain('anna');
  });

  it('that will be retried counts as failed', async () => {
    world.listed = new Fault('throttled', 'Later.');
    await expect(scan()).rejects.toThrow('Later.');
    await scan(true);
    await telemetry.flush();

    expect(receiver.spans.filter(({ name }) => name === 'scan-cluster').map(({ status }) => status)).toEqual([
      { code: 2, message: 'throttled' },
      { code: 0, message: '' },
    ]);
    expect(outcomes()).toEqual([
      ['failed', 1],
      ['not-assessed', 1],
    ]);
  });

  it('tells the seconds from its beginning to its end', async () => {
    let now = Date.parse(world.now);
    const measured: unknown[] = [];
    const connect: typeof world.deps.connect = (...what) => {
      now += 2_500;
      return world.deps.connect(...what);
    };
    const measure = (...measurement: unknown[]) => void measured.push(measurement);
    const deps = { ...world.deps, connect, clock: () => new Date(now), telemetry: { ...SILENT, measure } };
    const message = { clusterId: aCluster().id, cause: 'a1', requestedAt: world.now };
    await observedScan(deps, message, false, AbortSignal.timeout(5_000));
    expect(measured).toEqual([['kataudit.scan.duration', 2.5, { 'kataudit.outcome': 'assessed' }]]);
  });

  it.each([500, 401])('is completed and recorded although its telemetry is refused with %i', async (status) => {
    receiver.answerWith(status);
    world.workloads = [BAD];
    expect(await scan()).toMatchObject({ assessment: 'assessed', changed: 1 });
    expect((await world.storage.findings.list({}, 10)).value).toHaveLength(1);
  });
});

describe('the traced planning of an audit', () => {
  const plan = (listSubscriptions: () => Promise<readonly string[]>, subscriptions = [SUBSCRIPTION]) => {
    const { audits, messages } = createMemoryStorage();
    const azure = { listSubscriptions, listEstate: async () => ({ clusters: [], notListed: [], detours: [] }) };
    const policy = async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'test' });
    const scope = { subscriptions, managementGroups: ['group'] };
    const deps = { azure, audits, messages, scope, policy, clock: () => new Date(0), newId: () => 'audit-1', telemetry };
    return observedPlan(deps, 'request', AbortSignal.timeout(5_000), 'the-object-id-of-anna');
  };

  it('is a span with its cause, and without the person who started it', async () => {
    await plan(async () => ['22222222-2222-4222-8222-222222222222']);
    await telemetry.flush();

    expect(spanOf('plan-audit')?.attributes).toEqual({
      'kataudit.cause': 'request',
      'kataudit.audit': 'audit-1',
      'kataudit.subscriptions': 2,
    });
    expect(names()).toEqual(['azure listEstate', 'azure listSubscriptions', 'plan-audit']);
    expect(receiver.everything()).not.toContain('anna');
  });

  it('is marked as failed when it fails', async () => {
    await expect(plan(() => Promise.reject(new Fault('denied', 'No.')), [])).rejects.toThrow('No.');
    await telemetry.flush();
    expect(spanOf('plan-audit')).toMatchObject({ attributes: { 'error.type': 'denied' }, status: { code: 2 } });
  });
});
