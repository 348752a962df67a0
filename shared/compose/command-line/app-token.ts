const TIME_LIMIT_MS = 60_000;

/** A token of Entra ID for a running app, from `az login` or a managed identity; throws one `Fault` without a sign-in. */
export async function appToken(audience: string, environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const [{ azureCredential }, { faultOfError }] = await Promise.all([
    import('../../azure/client/credential.ts'),
    import('../../azure/client/fault.ts'),
  ]);
  const words = { what: `get a token for the app ${audience}`, action: 'an app role of Kataudit' };
  try {
    const credential = await azureCredential(environment.AZURE_CLIENT_ID);
    const scope = `${audience.replace(/\/+$/, '')}/.default`;
    const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(TIME_LIMIT_MS) });
    return token?.token ?? '';
  } catch (error) {
    throw faultOfError(error, words);
  }
}
