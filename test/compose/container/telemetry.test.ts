import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flushTelemetry, getApp } from '../../../shared/compose/container/cloud.ts';
import { measuredWaits, SILENT, telemetryOf } from '../../../shared/compose/container/telemetry.ts';
import { load } from '../../../shared/config/settings.ts';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { BlobService } from '../../support/blob-service.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../telemetry/otlp-receiver.ts';

const KEY = '00000000-0000-4000-8000-000000000001';
const credential = { getToken: async () => ({ token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.stop());

function open(environment: Record<string, string>) {
  const warnings: string[] = [];
  return { telemetry: telemetryOf(load(environment), credential, 'the-app', (line) => warnings.push(line)), warnings };
}

describe('telemetry by the settings', () => {
  it('is off when no setting names a destination, and the work is done', async () => {
    const { telemetry } = open({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' });
    expect(telemetry).toBe(SILENT);
    const steps: string[] = [];
    const done = await telemetry.span('work', {}, undefined, async (span) => {
      span.add({ a: 1 });
      steps.push(await span.step('step', async () => 'stepped'));
      return 'done';
    });
    telemetry.measure('kataudit.arm.wait', 1, {});
    await telemetry.flush();
    expect([done, steps]).toEqual(['done', ['stepped']]);
  });

  it('is sent to an endpoint, with the name of the app and the version of the package', async () => {
    const { telemetry, warnings } = open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    expect(await telemetry.span('work', {}, undefined, async () => 'done')).toBe('done');
    telemetry.measure('kataudit.arm.wait', 2, { 'kataudit.budget': 'arm-reads' });
    await telemetry.flush();
    expect(receiver.spans).toEqual([
      expect.objectContaining({ name: 'work', resource: { 'service.name': 'the-app', 'service.version': '0.1.0' } }),
    ]);
    expect(receiver.metrics.map(({ name }) => name)).toContain('kataudit.arm.wait');
    expect(warnings).toEqual([]);
  });

  it('sends nothing before there is any data', async () => {
    const before = receiver.requests();
    await open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }).telemetry.flush();
    expect(receiver.requests()).toBe(before);
  });

  it('that cannot be started causes one warning, and is off from then on', async () => {
    const { telemetry, warnings } = open({ APPLICATIONINSIGHTS_CONNECTION_STRING: 'nonsense' });
    expect(await telemetry.span('work', {}, undefined, async () => 'done')).toBe('done');
    expect(await telemetry.span('work', {}, undefined, async () => 'done')).toBe('done');
    await telemetry.flush();
    expect(warnings).toEqual([expect.stringMatching(/^Telemetry is off: /)]);
  });

  it('that cannot be sent causes one warning, however often it is tried', async () => {
    const { telemetry, warnings } = open({ OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/nowhere` });
    receiver.answerWith(404);
    for (let turn = 0; turn < 3; turn++) {
      await telemetry.span('work', {}, undefined, async () => 'done');
      await telemetry.flush();
    }
    receiver.answerWith(200);
    expect(warnings).toEqual([expect.stringMatching(/^Telemetry could not be sent: /)]);
  });
});

it('tells the seconds that calls waited, by their budget', () => {
  const measured: unknown[] = [];
  measuredWaits({ measure: (...measurement) => void measured.push(measurement) })('arm-reads', 1_500);
  expect(measured).toEqual([['kataudit.arm.wait', 1.5, { 'kataudit.budget': 'arm-reads' }]]);
});

describe('the app of this process', () => {
  it('is there once its storage is prepared, is attempted again after a failure, and sends its telemetry when it is told to', async () => {
    const service = await BlobService.start();
    const environment = {
      AzureWebJobsStorage: service.connectionString,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      KATAUDIT_ACCESS_TOKEN: 'token',
      KATAUDIT_VULNERABILITIES: 'on',
      KATAUDIT_DEFENDER: 'on',
    };
    const before = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
    Object.assign(process.env, environment);
    try {
      await flushTelemetry();
      service.fault = { request: /./, answer: 403 };
      await expect(getApp()).rejects.toMatchObject({ code: 'denied' });
      service.fault = undefined;
      const app = await getApp();
      expect(await getApp()).toBe(app);
      expect(service.made).toContain('queue scans');
      expect((await app.services?.())?.map((one) => one.service)).toEqual(['vulnerabilities', 'defender']);
      expect(Buffer.from((await app.cursorSecret?.()) ?? '', 'base64url')).toHaveLength(32);

      const sent = receiver.spans.length;
      await app.telemetry.span('last', {}, undefined, async () => undefined);
      await flushTelemetry();
      expect(receiver.spans.slice(sent)).toMatchObject([{ name: 'last' }]);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      service.stop();
    }
  });
});

describe('telemetry for Application Insights', () => {
  it.each([
    ['from anybody', {}, undefined],
    ['from an identity', { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=1;Authorization=AAD' }, 'Bearer secret-token'],
  ])('arrives at a component that accepts it %s, as dependencies and metrics', async (_, settings, authorization) => {
    const ingestion = await startIngestion();
    const { telemetry, warnings } = open({ APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString, ...settings });
    await telemetry.span('scan-cluster', { 'kataudit.cluster': 'c1' }, undefined, async () => undefined);
    telemetry.measure('kataudit.scan.duration', 2, { 'kataudit.outcome': 'assessed' });
    await telemetry.flush();
    await ingestion.stop();

    expect(warnings).toEqual([]);
    expect(new Set(ingestion.authorizations)).toEqual(new Set([authorization]));
    const items = ingestion.received.flatMap((text) => JSON.parse(text));
    expect(items).toContainEqual(
      expect.objectContaining({
        iKey: KEY,
        tags: expect.objectContaining({ 'ai.cloud.role': 'the-app' }),
        data: expect.objectContaining({
          baseType: 'RemoteDependencyData',
          baseData: expect.objectContaining({
            name: 'scan-cluster',
            success: true,
            properties: expect.objectContaining({ 'kataudit.cluster': 'c1' }),
          }),
        }),
      }),
    );
    expect(ingestion.received.join()).toContain('kataudit.scan.duration');
  });
});

/** The endpoint of Application Insights, which is always called with TLS. */
async function startIngestion() {
  const authority = await createAuthority('ingestion');
  setDefaultCACertificates([...getCACertificates('default'), authority.caPem]);
  const { certificate, key } = await authority.server();
  const received: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    authorizations.push(incoming.headers.authorization);
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      received.push((incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'));
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ itemsReceived: 1, itemsAccepted: 1, errors: [] }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : expect.unreachable();
  return {
    connectionString: `InstrumentationKey=${KEY};IngestionEndpoint=https://127.0.0.1:${port}/`,
    received,
    authorizations,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
