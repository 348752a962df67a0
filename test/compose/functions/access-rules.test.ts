import { describe, expect, it } from 'vitest';
import { accessRules } from '../../../shared/compose/functions/access-rules.ts';
import { digestOf } from '../../support/access.ts';

const DIGEST = digestOf('k'.repeat(43));

describe('access by the settings', () => {
  it('is denied to everyone when nothing is set', () => {
    expect(accessRules({})).toEqual({ signIn: 'off', keys: [] });
  });

  it('is granted to holders of a key, and to people who sign in when that is configured', () => {
    const environment = { KATAUDIT_READER_KEYS: DIGEST, KATAUDIT_SIGN_IN: 'or-key', WEBSITE_HOSTNAME: 'audit.azurewebsites.net' };
    expect(accessRules(environment)).toEqual({
      signIn: 'or-key',
      keys: [{ role: 'reader', sha256: DIGEST }],
      origin: 'https://audit.azurewebsites.net',
    });
  });

  it('depends only on these settings: another invalid setting denies no one', () => {
    expect(accessRules({ KATAUDIT_OPERATOR_KEYS: DIGEST, KATAUDIT_SCHEDULE: 'never' }).keys).toHaveLength(1);
  });

  it.each([
    ['False', false],
    ['false', false],
    ['0', false],
    ['True', true],
    ['true', true],
    [undefined, true],
  ])('trusts the principal header when the platform sets %s: %j', (enabled, believed) => {
    const environment = { KATAUDIT_SIGN_IN: 'required', WEBSITE_AUTH_ENABLED: enabled };
    if (believed) expect(accessRules(environment).signIn).toBe('required');
    else expect(() => accessRules(environment)).toThrow(/App Service authentication is off/);
  });

  it('trusts no principal header when sign-in is off, whatever the platform says', () => {
    for (const enabled of ['false', 'true']) {
      expect(accessRules({ KATAUDIT_SIGN_IN: 'off', WEBSITE_AUTH_ENABLED: enabled })).toEqual({ signIn: 'off', keys: [] });
    }
  });

  it.each(['on', 'Required', 'of'])('is denied to everyone when the setting is misspelt: %s', (signIn) => {
    expect(() => accessRules({ KATAUDIT_SIGN_IN: signIn, KATAUDIT_OPERATOR_KEYS: DIGEST })).toThrow(/expected off, required or or-key/);
  });
});
