import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { load, loadReading, SETTINGS, SettingsError } from '../../shared/config/settings.ts';

const SUBSCRIPTION = '0b1f6471-1bf0-4dda-aec3-111122223333';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

function errorOf(environment: Record<string, string>): SettingsError {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe('load', () => {
  it('has a default for everything that can have one', () => {
    expect(load({})).toMatchObject({ KATAUDIT_SCHEDULE: '0 0 */6 * * *', KATAUDIT_SETTLE_SECONDS: 15, KATAUDIT_PROBE: 'off' });
    expect(load({})).toMatchObject({
      KATAUDIT_DEFENDER: 'off',
      KATAUDIT_ATTESTATIONS: 'off',
      KATAUDIT_VULNERABILITIES: 'off',
      KATAUDIT_GZIP: 'auto',
    });
  });

  it('splits lists at commas and spaces', () => {
    expect(load({ KATAUDIT_SUBSCRIPTIONS: `${SUBSCRIPTION}, ${SUBSCRIPTION}` }).KATAUDIT_SUBSCRIPTIONS).toEqual([
      SUBSCRIPTION,
      SUBSCRIPTION,
    ]);
  });

  it('treats an empty value as not set', () => {
    expect(load({ KATAUDIT_ACCESS_TOKEN: '' }).KATAUDIT_ACCESS_TOKEN).toBeUndefined();
  });

  it.each([
    ['KATAUDIT_SUBSCRIPTIONS', 'not-a-guid', 'expected subscription ids'],
    ['KATAUDIT_SCHEDULE', '*/5 * * * *', 'six fields'],
    ['KATAUDIT_SCHEDULE', '0 0 99 * * *', 'six fields'],
    ['KATAUDIT_SCHEDULE', '0 0 6 * * 7', 'no 7 for Sunday'],
    ['KATAUDIT_SCHEDULE', '0 0 0 L * *', 'no L'],
    ['KATAUDIT_SCHEDULE', '0 0 0 30 2 *', 'six fields'],
    ['KATAUDIT_NOTIFY_URL', '@Microsoft.KeyVault(SecretUri=https://kv-1.vault.azure.net/secrets/hook)', 'could not resolve'],
    ['KATAUDIT_NOTIFY_SECRET', '@microsoft.keyvault(VaultName=kv-1;SecretName=s)', 'could not resolve'],
    ['KATAUDIT_ARM_ENDPOINT', 'http://management.azure.com', 'https'],
    ['KATAUDIT_SETTLE_SECONDS', '-1', '0 to 600'],
    ['KATAUDIT_SETTLE_SECONDS', '601', '0 to 600'],
    ['KATAUDIT_SETTLE_SECONDS', 'soon', 'whole seconds'],
    ['KATAUDIT_CLUSTER_METRICS', '5001', '0 to 5000'],
    ['KATAUDIT_CLUSTER_METRICS', 'on', 'whole clusters'],
    ['KATAUDIT_PROBE', 'always', 'off, exec or canary'],
    ['KATAUDIT_GZIP', 'yes', 'auto, on or off'],
    ['KATAUDIT_DEFENDER', 'yes', 'off, on or withdraw'],
    ['KATAUDIT_ATTESTATIONS', 'true', 'off, on or withdraw'],
    ['KATAUDIT_POLICY_ASSIGNMENT', '/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/a', 'a policy assignment'],
    ['KATAUDIT_POLICY_ASSIGNMENT', 'a/b', 'a policy assignment'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'an https address'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf'],
  ])('refuses %s=%s and says what it expected', (name, value, expected) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(expected);
  });

  it.each([
    ['KATAUDIT_ARM_ENDPOINT', 'https://user:SECRET@host/'],
    ['KATAUDIT_NOTIFY_URL', 'SECRET'],
    ['KATAUDIT_NOTIFY_URL', 'http://hooks.example/SECRET'],
    ['KATAUDIT_NOTIFY_URL', 'https://user:SECRET@hooks.example/'],
    ['KATAUDIT_NOTIFY_URL', 'file:///SECRET'],
    ['KATAUDIT_NOTIFY_URL', 'https://[SECRET'],
    ['KATAUDIT_PUBLIC_URL', 'https://SECRET@audit.example'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://SECRET@127.0.0.1:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector.example:4318'],
    ['AzureWebJobsStorage', 'SECRET'],
    ['AzureWebJobsStorage', 'AccountName=a;AccountKey=SECRET;BlobEndpoint=http://storage.example/'],
    ['AzureWebJobsStorage', 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=SECRET'],
    ['AzureWebJobsStorage__blobServiceUri', 'http://a.blob.core.windows.net'],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=SECRET;IngestionEndpoint=http://collector.example/'],
    ['KATAUDIT_READER_KEYS', 'SECRET'],
    ['KATAUDIT_OPERATOR_KEYS', `${'SECRET'.repeat(10)}abcd`],
  ])('refuses %s=%s in one sentence, and neither it nor its cause repeats a secret', (name, value) => {
    const error = errorOf({ [name]: value });
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]).toMatch(new RegExp(`^${name}: .*expected`));
    expect(inspect(error, { depth: 10 })).not.toContain('SECRET');
  });

  it.each([
    ['KATAUDIT_NOTIFY_URL', 'http://127.0.0.1:9000/hook'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector.example'],
    ['KATAUDIT_PUBLIC_URL', 'https://audit.example'],
    ['AzureWebJobsStorage', 'UseDevelopmentStorage=true'],
    ['AzureWebJobsStorage', 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=k;BlobEndpoint=http://127.0.0.1:10000/a'],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=k;IngestionEndpoint=https://x.in.applicationinsights.azure.com/'],
  ])('accepts %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([]);
  });

  it.each(['https://audit.example/path', 'https://audit.example?x=1', 'https://audit.example/#x'])(
    'refuses a public URL with a path, query or fragment: %s',
    (value) => {
      expect(problemsOf({ KATAUDIT_PUBLIC_URL: value })).toEqual([expect.stringContaining('without a path')]);
    },
  );

  it('accepts two digests and no third, in any case', () => {
    const [one, two, three] = ['A', 'b', 'c'].map((letter) => letter.repeat(64));
    expect(load({ KATAUDIT_READER_KEYS: `${one},${two}` }).KATAUDIT_READER_KEYS).toEqual(['a'.repeat(64), 'b'.repeat(64)]);
    expect(problemsOf({ KATAUDIT_READER_KEYS: `${one},${two},${three}` })).toHaveLength(1);
  });

  it.each(['0', '600'])('accepts %s settle seconds', (value) => {
    expect(load({ KATAUDIT_SETTLE_SECONDS: value }).KATAUDIT_SETTLE_SECONDS).toBe(Number(value));
  });

  it('lists all mistakes at once, including unknown settings', () => {
    expect(problemsOf({ KATAUDIT_SUBSCRIPTION: SUBSCRIPTION, KATAUDIT_PROBE: 'x', KATAUDIT_SCHEDULE: 'x' })).toHaveLength(3);
  });

  it('describes every setting', () => {
    expect(SETTINGS.filter(({ description }) => description === '')).toEqual([]);
  });
});

describe('loadReading', () => {
  it('knows how API servers are read, whatever else is wrong', () => {
    expect(loadReading({ KATAUDIT_GZIP: 'off', KATAUDIT_SCHEDULE: 'never', KATAUDIT_UNKNOWN: '1' })).toEqual({ KATAUDIT_GZIP: 'off' });
    expect(loadReading({})).toEqual({ KATAUDIT_GZIP: 'auto' });
  });

  it('refuses what is no way to read', () => {
    expect(() => loadReading({ KATAUDIT_GZIP: 'max' })).toThrow('KATAUDIT_GZIP: expected auto, on or off, got "max"');
  });
});
