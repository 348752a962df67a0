import type { TokenCredential } from '@azure/core-auth';

const TIME_LIMIT_MS = 60_000;

/** A token of Entra ID for a running app, from `az login` or a managed identity; throws one `Fault` without a sign-in. */
export async function appToken(
  audience: string,
  environment: Readonly<Record<string, string | undefined>>,
  credentialOf: (clientId?: string) => Promise<Pick<TokenCredential, 'getToken'>> = signedIn,
): Promise<string> {
  const { faultOfError } = await import('../../azure/client/fault.ts');
  const words = { what: `get a token for the app ${audience}`, action: 'an app role of Kataudit' };
  try {
    const credential = await credentialOf(environment.AZURE_CLIENT_ID);
    const scope = `${audience.replace(/\/+$/, '')}/.default`;
    const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(TIME_LIMIT_MS) });
    return token?.token ?? '';
  } catch (error) {
    throw faultOfError(error, words);
  }
}

async function signedIn(clientId?: string): Promise<TokenCredential> {
  const { azureCredential } = await import('../../azure/client/credential.ts');
  return azureCredential(clientId);
}
