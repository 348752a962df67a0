import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { load, loadAccess, loadReading, publicUrl, SETTINGS, SettingsError } from '../../shared/config/settings.ts';

const SUBSCRIPTION = '0b1f6471-1bf0-4dda-aec3-111122223333';

function mistakesIn(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const problemsOf = (environment: Record<string, string>) => mistakesIn(() => load(environment));

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
  it('has the documented defaults', () => {
    expect(load({})).toMatchObject({
      ...{ KATAUDIT_POLICY: 'policy/policy.yaml', KATAUDIT_ARM_ENDPOINT: 'https://management.azure.com', KATAUDIT_JITTER_SECONDS: 60 },
      ...{ KATAUDIT_CLUSTER_METRICS: 0, KATAUDIT_SIGN_IN: 'off', KATAUDIT_NOTIFY_FORMAT: 'cloudevents', KATAUDIT_NOTIFY_SEVERITY: 'high' },
      ...{ KATAUDIT_SUBSCRIPTIONS: [], KATAUDIT_MANAGEMENT_GROUPS: [], KATAUDIT_READER_KEYS: [], KATAUDIT_OPERATOR_KEYS: [] },
    });
  });

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
    ['KATAUDIT_JITTER_SECONDS', '3601', '0 to 3600'],
    ['KATAUDIT_SETTLE_SECONDS', '1.5', 'whole seconds'],
    ['KATAUDIT_SETTLE_SECONDS', 'x1', 'whole seconds'],
    ['KATAUDIT_SETTLE_SECONDS', '1x', 'whole seconds'],
    ['KATAUDIT_CLUSTER_METRICS', '5001', '0 to 5000'],
    ['KATAUDIT_VULNERABILITIES', 'yes', 'off or on'],
    ['KATAUDIT_NOTIFY_FORMAT', 'eventgrid', 'cloudevents, slack or teams'],
    ['KATAUDIT_NOTIFY_SEVERITY', 'worst', 'one of critical, high'],
    ['KATAUDIT_SIGN_IN', 'on', 'off, required or or-key'],
    ['KATAUDIT_READER_KEYS', `x${'a'.repeat(64)}`, 'SHA-256 digests'],
    ['KATAUDIT_READER_KEYS', 'a'.repeat(63), 'SHA-256 digests'],
    ['KATAUDIT_POLICY_ASSIGNMENT', 'a'.repeat(65), 'a policy assignment'],
    ['KATAUDIT_POLICY_ASSIGNMENT', 'a.', 'a policy assignment'],
    ['KATAUDIT_POLICY_ASSIGNMENT', 'x/providers/Microsoft.Authorization/policyAssignments/a', 'a policy assignment'],
    ['WEBSITE_HOSTNAME', 'app.example/x', 'a host name'],
    ['WEBSITE_HOSTNAME', '/app.example', 'a host name'],
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
    ['AzureWebJobsStorage', 'DefaultEndpointsProtocol=HTTP;AccountName=a;AccountKey=SECRET'],
    ['AzureWebJobsStorage', 'AccountName=a;AccountKey=SECRET; QueueEndpoint=http://storage.example/'],
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
    ['KATAUDIT_PUBLIC_URL', 'https://audit.example/'],
    ['KATAUDIT_POLICY_ASSIGNMENT', 'a'.repeat(64)],
    [
      'KATAUDIT_POLICY_ASSIGNMENT',
      '/providers/Microsoft.Management/managementGroups/root/providers/Microsoft.Authorization/policyAssignments/a',
    ],
    ['WEBSITE_HOSTNAME', 'app.azurewebsites.net:443'],
    ['KATAUDIT_JITTER_SECONDS', '3600'],
    ['KATAUDIT_CLUSTER_METRICS', '5000'],
    ['KATAUDIT_SUBSCRIPTIONS', `;${SUBSCRIPTION};`],
    ['AzureWebJobsStorage', 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k'],
    ['AzureWebJobsStorage', 'SharedAccessSignature=s;BlobEndpoint=https://a.blob.core.windows.net'],
    ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'InstrumentationKey=k'],
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

  it('keeps the addresses and secrets of targets, without references that Azure could not resolve', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://kv-1.vault.azure.net/secrets/hook)';
    const environment = { KATAUDIT_TARGET_ON_CALL: 'https://hook', KATAUDIT_TARGET_ON_CALL_SECRET: 's', KATAUDIT_TARGET_OTHER: reference };
    expect(load({ ...environment, KATAUDIT_TARGET_EMPTY: '' }).targets).toEqual({
      KATAUDIT_TARGET_ON_CALL: 'https://hook',
      KATAUDIT_TARGET_ON_CALL_SECRET: 's',
    });
    expect(load({ KATAUDIT_TARGET_OTHER: reference })).not.toHaveProperty('targets');
    for (const name of ['KATAUDIT_TARGET_', 'KATAUDIT_TARGET_a', 'XKATAUDIT_TARGET_A', 'KATAUDIT_X_KATAUDIT_TARGET_A'])
      expect(problemsOf({ [name]: 'x' })).toHaveLength(name.startsWith('K') ? 1 : 0);
  });

  it('ignores the variables of the command line and of other programs', () => {
    expect(problemsOf({ KATAUDIT_URL: 'x', KATAUDIT_KEY: 'x', KATAUDIT_AUDIENCE: 'x', PATH: 'x' })).toEqual([]);
  });

  it('takes a reference for the value that it is where no setting is meant', () => {
    expect(load({ KATAUDIT_NOTIFY_SECRET: 'x @Microsoft.KeyVault(a)' }).KATAUDIT_NOTIFY_SECRET).toBe('x @Microsoft.KeyVault(a)');
    expect(problemsOf({ OTHER: '@Microsoft.KeyVault(a)' })).toEqual([]);
  });

  it('lists all mistakes at once, including unknown settings', () => {
    expect(problemsOf({ KATAUDIT_SUBSCRIPTION: SUBSCRIPTION, KATAUDIT_PROBE: 'x', KATAUDIT_SCHEDULE: 'x' })).toHaveLength(3);
  });

  it('describes every setting', () => {
    expect(SETTINGS.filter(({ description }) => description === '')).toEqual([]);
  });
});

describe('loadAccess', () => {
  const DIGEST = 'a'.repeat(64);

  it('knows who may do what, whatever else is wrong', () => {
    const wrong = { KATAUDIT_SCHEDULE: 'never', KATAUDIT_NOTIFY_URL: '@Microsoft.KeyVault(a)' };
    expect(loadAccess({ ...wrong, KATAUDIT_READER_KEYS: DIGEST })).toEqual({
      KATAUDIT_SIGN_IN: 'off',
      KATAUDIT_READER_KEYS: [DIGEST],
      KATAUDIT_OPERATOR_KEYS: [],
    });
  });

  it.each([
    [{ KATAUDIT_READER_KEYS: '@Microsoft.KeyVault(a)' }, 1],
    [{ KATAUDIT_READER_KEYS: 'key', KATAUDIT_SIGN_IN: 'on', KATAUDIT_OPERATOR_KEYS: '@Microsoft.KeyVault(a)' }, 3],
  ])('refuses %j with every mistake', (environment, count) => {
    expect(mistakesIn(() => loadAccess(environment))).toHaveLength(count);
  });
});

describe('publicUrl', () => {
  it.each([
    [{}, undefined],
    [{ WEBSITE_HOSTNAME: 'app.azurewebsites.net' }, 'https://app.azurewebsites.net'],
    [{ WEBSITE_HOSTNAME: 'app.azurewebsites.net', KATAUDIT_PUBLIC_URL: 'https://audit.example/' }, 'https://audit.example'],
  ])('of %j is %s', (environment, expected) => {
    expect(publicUrl(load(environment))).toBe(expected);
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
