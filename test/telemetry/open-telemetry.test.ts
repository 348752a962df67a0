import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { openTelemetry } from '../../shared/telemetry/open-telemetry.ts';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const UNDER = { traceParent: `00-${TRACE}-${PARENT}-01`, traceState: 'vendor=1' };

let receiver: OtlpReceiver;
let troubles: string[];

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  troubles = [];
});
afterEach(() => receiver.stop());

const open = (otlpEndpoint = receiver.url) =>
  openTelemetry({ destinations: { otlpEndpoint }, serviceName: 'app', version: '1.2.3', onTrouble: (problem) => troubles.push(problem) });

describe('a span', () => {
  it("arrives as a child of the host's span, with its attributes, and with its steps as children", async () => {
    const telemetry = await open(`${receiver.url}/`);
    const result = await telemetry.span('work', { 'kataudit.cluster': 'c1' }, UNDER, async (span) => {
      const read = await span.step(
        'azure read',
        async () => [1, 2, 3],
        (list) => ({ 'kataudit.count': list.length }),
      );
      span.add({ 'kataudit.done': true });
      return read.length;
    });
    await telemetry.flush();

    expect(result).toBe(3);
    const [step, work] = receiver.spans;
    expect(work).toMatchObject({
      name: 'work',
      traceId: TRACE,
      parentSpanId: PARENT,
      traceState: 'vendor=1',
      attributes: { 'kataudit.cluster': 'c1', 'kataudit.done': true },
      status: { code: 0 },
      resource: { 'service.name': 'app', 'service.version': '1.2.3' },
    });
    expect(step).toMatchObject({
      name: 'azure read',
      traceId: TRACE,
      parentSpanId: work?.spanId,
      attributes: { 'kataudit.count': 3 },
    });
    expect(troubles).toEqual([]);
  });

  it.each([undefined, {}, { traceParent: '' }, { traceParent: 'nonsense' }])('begins its own trace for the parent %j', async (under) => {
    const telemetry = await open();
    await telemetry.span('work', {}, under, async () => undefined);
    await telemetry.flush();
    expect(receiver.spans).toEqual([expect.objectContaining({ name: 'work', parentSpanId: '' })]);
  });

  it('is not sent when the host decided not to keep the trace', async () => {
    const telemetry = await open();
    await telemetry.span('work', {}, { traceParent: `00-${TRACE}-${PARENT}-00` }, async () => undefined);
    await telemetry.flush();
    expect(receiver.spans).toEqual([]);
  });

  it.each([
    ['a fault', new Fault('denied', "The client 'anna@contoso.com' may not."), 'denied'],
    ['a bug', new TypeError('secret'), 'TypeError'],
    ['a value that is not an error', 'text', 'unknown'],
  ])('contains the kind of %s and never its text, and rethrows it', async (_, error, type) => {
    const telemetry = await open();
    const work = telemetry.span('work', {}, undefined, (span) =>
      span.step('step', async () => {
        throw error;
      }),
    );
    await expect(work).rejects.toBe(error);
    await telemetry.flush();

    expect(receiver.spans).toHaveLength(2);
    for (const span of receiver.spans) {
      expect(span).toMatchObject({ attributes: { 'error.type': type }, status: { code: 2, message: type } });
    }
    expect(receiver.everything()).not.toMatch(/anna|secret/);
  });
});

describe('a measurement', () => {
  it('arrives as a histogram in seconds, by its attributes', async () => {
    const telemetry = await open();
    telemetry.measure('kataudit.scan.duration', 2, { 'kataudit.outcome': 'assessed' });
    telemetry.measure('kataudit.scan.duration', 3, { 'kataudit.outcome': 'assessed' });
    telemetry.measure('kataudit.scan.duration', 1, { 'kataudit.outcome': 'failed' });
    telemetry.measure('kataudit.arm.wait', 0.5, { 'kataudit.budget': 'arm-reads' });
    await telemetry.flush();

    const [scans, waits] = receiver.metrics;
    expect(scans).toMatchObject({ name: 'kataudit.scan.duration', unit: 's' });
    expect(scans?.histogram.dataPoints).toEqual([
      { count: 2, sum: 5, attributes: { 'kataudit.outcome': 'assessed' } },
      { count: 1, sum: 1, attributes: { 'kataudit.outcome': 'failed' } },
    ]);
    expect(waits).toMatchObject({ name: 'kataudit.arm.wait', histogram: { dataPoints: [{ count: 1, sum: 0.5 }] } });
  });
});

describe('a destination that fails', () => {
  it.each([400, 401, 500])('with %i is reported, and fails nothing', async (status) => {
    receiver.answerWith(status);
    const telemetry = await open();
    expect(await telemetry.span('work', {}, undefined, async () => 'done')).toBe('done');
    telemetry.measure('kataudit.arm.wait', 1, {});
    await telemetry.flush();
    expect(receiver.requests()).toBeGreaterThan(0);
    expect(troubles.length).toBeGreaterThan(0);
  });

  it('because it is unreachable is reported, and fails nothing', async () => {
    const telemetry = await open('http://127.0.0.1:1');
    expect(await telemetry.span('work', {}, undefined, async () => 'done')).toBe('done');
    await telemetry.flush();
    expect(troubles.length).toBeGreaterThan(0);
  });
});
