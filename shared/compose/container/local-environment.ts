import { createHash } from 'node:crypto';
import type { RunningEstate } from '../../local/estate/server.ts';

/** Settings that a user may give to local mode; the others come from the simulated estate. */
const LOCAL_SETTINGS = [
  'KATAUDIT_SCHEDULE',
  'KATAUDIT_SETTLE_SECONDS',
  'KATAUDIT_POLICY',
  'KATAUDIT_PROBE',
  'KATAUDIT_CLUSTER_METRICS',
  'KATAUDIT_DEFENDER',
  'KATAUDIT_ATTESTATIONS',
  'KATAUDIT_POLICY_ASSIGNMENT',
  'KATAUDIT_SIGNING_KEY',
  'KATAUDIT_NOTIFY_URL',
  'KATAUDIT_NOTIFY_FORMAT',
  'KATAUDIT_NOTIFY_SEVERITY',
  'KATAUDIT_NOTIFY_SECRET',
];

/** What a local app is told of the rest of local mode. */
export interface LocalParts {
  readonly port: number;
  readonly auth: boolean;
  /** Settings in addition to those of local mode, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly running: Pick<RunningEstate, 'estate' | 'armEndpoint' | 'token'>;
  readonly connectionString: string;
  readonly caFile: string;
  readonly key: string;
}

/** The environment in which a local app differs from a cloud app: addresses and credentials only. */
export function localEnvironment(
  { port, auth, settings, running, connectionString, caFile, key }: LocalParts,
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const inherited = Object.entries(given).filter(([name]) => !name.startsWith('KATAUDIT_') || LOCAL_SETTINGS.includes(name));
  return {
    KATAUDIT_SCHEDULE: '0 0 */6 * * *',
    KATAUDIT_SETTLE_SECONDS: '1',
    KATAUDIT_JITTER_SECONDS: '0',
    ...Object.fromEntries(inherited),
    ...settings,
    KATAUDIT_SUBSCRIPTIONS: running.estate.subscriptions.map(({ id }) => id).join(','),
    KATAUDIT_ARM_ENDPOINT: running.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: running.token,
    AzureWebJobsStorage: connectionString,
    NODE_EXTRA_CA_CERTS: caFile,
    LOCAL_PORT: String(port),
    KATAUDIT_OPERATOR_KEYS: createHash('sha256').update(key).digest('hex'),
    KATAUDIT_PUBLIC_URL: `http://127.0.0.1:${port}`,
    LOCAL_KEY: key,
    ...(auth ? {} : { LOCAL_NO_AUTH: '1' }),
  };
}
