import { describe, expect, it } from 'vitest';
import { load, SETTINGS, SettingsError } from '../../shared/config/settings.ts';

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

describe('load', () => {
  it('has a default for everything that can have one', () => {
    expect(load({})).toMatchObject({ KATAUDIT_SCHEDULE: '0 0 */6 * * *', KATAUDIT_SETTLE_SECONDS: 15, KATAUDIT_PROBE: 'off' });
  });

  it('splits lists at commas and spaces', () => {
    expect(load({ KATAUDIT_SUBSCRIPTIONS: `${SUBSCRIPTION}, ${SUBSCRIPTION}` }).KATAUDIT_SUBSCRIPTIONS).toEqual([
      SUBSCRIPTION,
      SUBSCRIPTION,
    ]);
  });

  it('takes an empty value as not set', () => {
    expect(load({ KATAUDIT_ACCESS_TOKEN: '' }).KATAUDIT_ACCESS_TOKEN).toBeUndefined();
  });

  it.each([
    ['KATAUDIT_SUBSCRIPTIONS', 'not-a-guid', 'expected subscription ids'],
    ['KATAUDIT_SCHEDULE', '*/5 * * * *', 'six fields'],
    ['KATAUDIT_SCHEDULE', '0 0 99 * * *', 'six fields'],
    ['KATAUDIT_ARM_ENDPOINT', 'http://management.azure.com', 'https'],
    ['KATAUDIT_SETTLE_SECONDS', '-1', '0 to 600'],
    ['KATAUDIT_SETTLE_SECONDS', '601', '0 to 600'],
    ['KATAUDIT_SETTLE_SECONDS', 'soon', 'whole seconds'],
    ['KATAUDIT_PROBE', 'always', 'off, exec or canary'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317', 'an https address'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf'],
  ])('refuses %s=%s and says what it expected', (name, value, expected) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).toContain(expected);
  });

  it.each(['0', '600'])('accepts %s settle seconds', (value) => {
    expect(load({ KATAUDIT_SETTLE_SECONDS: value }).KATAUDIT_SETTLE_SECONDS).toBe(Number(value));
  });

  it('lists every mistake at once, unknown settings included', () => {
    expect(problemsOf({ KATAUDIT_SUBSCRIPTION: SUBSCRIPTION, KATAUDIT_PROBE: 'x', KATAUDIT_SCHEDULE: 'x' })).toHaveLength(3);
  });

  it('describes every setting', () => {
    expect(SETTINGS.filter(({ description }) => description === '')).toEqual([]);
  });
});
