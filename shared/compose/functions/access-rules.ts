import { type AccessSettings, loadAccess, publicUrl, SettingsError } from '../../config/settings.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { AccessRules } from '../../http/access/decide.ts';

/** The access rules from an environment; throws when its settings cannot be used. */
export function accessRules(environment: Readonly<Record<string, string | undefined>>): AccessRules {
  const settings = loadAccess(environment);
  const origin = publicUrl(settings);
  return {
    signIn: signInOf(settings),
    keys: [
      ...settings.KATAUDIT_READER_KEYS.map((sha256) => ({ role: 'reader' as const, sha256 })),
      ...settings.KATAUDIT_OPERATOR_KEYS.map((sha256) => ({ role: 'operator' as const, sha256 })),
    ],
    ...given({ origin }),
  };
}

/**
 * Only App Service authentication removes a forged header. When it is off, any client can send the header.
 * Source: learn.microsoft.com/azure/app-service/reference-app-settings, `WEBSITE_AUTH_ENABLED`.
 */
function signInOf({ KATAUDIT_SIGN_IN, WEBSITE_AUTH_ENABLED }: AccessSettings): AccessRules['signIn'] {
  const isOff = WEBSITE_AUTH_ENABLED !== undefined && WEBSITE_AUTH_ENABLED.toLowerCase() !== 'true';
  if (!isOff || KATAUDIT_SIGN_IN === 'off') return KATAUDIT_SIGN_IN;
  throw new SettingsError([
    'KATAUDIT_SIGN_IN asks for sign-in, but App Service authentication is off (WEBSITE_AUTH_ENABLED): turn it on, or set it to off',
  ]);
}
