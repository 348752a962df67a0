import { faultOfError } from '../../azure/client/fault.ts';
import type { AzureOptions } from '../../azure/client/options.ts';
import type { AccessCheck } from '../../ports/access-check.ts';
import type { SubscriptionListing } from '../../ports/azure-estate.ts';
import { type Examination, type ExamineOptions, examineAccess, examineKubernetes } from '../../usecases/examine-access.ts';
import { azureOptions } from './azure-cluster.ts';
import { type KubeconfigChoice, openAccess } from './kubeconfig.ts';

/** Time limit per cluster, so that an unreachable private cluster does not delay the others. */
const TIME_LIMIT_SECONDS = 120;
const TIME_LIMIT_MS = TIME_LIMIT_SECONDS * 1000;

/** The doctor, with the signed-in identity. */
export interface Doctor {
  readonly clustersOf: (subscriptionId: string) => Promise<SubscriptionListing>;
  readonly examine: (clusterId: string, options: ExamineOptions) => Promise<Examination>;
  readonly principalId: () => Promise<string | undefined>;
  /** Checks the API server of a kubeconfig; does not call Azure. */
  readonly examineKubeconfig: (file: string, context: string | undefined, options: ExamineOptions) => Promise<Examination>;
}

/** Wires the doctor from an environment, with the same settings and adapters as the app. */
export async function openDoctor(environment: Readonly<Record<string, string | undefined>>): Promise<Doctor> {
  return doctorOf(await azureOptions(environment), environment);
}

/** The doctor with Azure readers for one identity. */
export async function doctorOf(options: AzureOptions, environment: KubeconfigChoice['environment'] = {}): Promise<Doctor> {
  const [{ createAzureEstate }, { clusterCredential }, { permissionsOn }] = await Promise.all([
    import('../../azure/estate/azure-estate.ts'),
    import('../../azure/estate/cluster-credential.ts'),
    import('../../azure/permissions.ts'),
  ]);
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const access: AccessCheck = {
    azurePermissions: (clusterId, signal) => permissionsOn(options, clusterId, signal),
    kubernetesReview: async (listed, asked, signal) => {
      const [{ accessFromAksCredential }, { reviewAccess }] = await Promise.all([
        import('../../kubernetes/client/access.ts'),
        import('../../kubernetes/client/access-review.ts'),
      ]);
      const { kubeconfig, token, hosts } = await credentialOf(listed, signal);
      const opened = await accessFromAksCredential(kubeconfig, token, hosts);
      return reviewAccess(await opened.kubeConfig(), asked, signal);
    },
  };
  return {
    clustersOf: (subscriptionId) => azure.listClusters(subscriptionId, AbortSignal.timeout(TIME_LIMIT_MS)),
    examine: (clusterId, asked) => examineAccess({ azure, access }, clusterId, asked, AbortSignal.timeout(TIME_LIMIT_MS)),
    principalId: () => principalOf(options),
    examineKubeconfig: (path, context, asked) => {
      const choice = { path, environment, canAsk: false, timeoutSeconds: TIME_LIMIT_SECONDS };
      return examineKubeconfig(context === undefined ? choice : { ...choice, context }, asked);
    },
  };
}

async function examineKubeconfig(choice: KubeconfigChoice, options: ExamineOptions): Promise<Examination> {
  const { reviewAccess, reviewSelf } = await import('../../kubernetes/client/access-review.ts');
  const access = await openAccess(choice);
  const review = async (asked: Parameters<typeof reviewAccess>[1]) =>
    reviewAccess(await access.kubeConfig(), asked, AbortSignal.timeout(TIME_LIMIT_MS));
  const whoAmI = async () => reviewSelf(await access.kubeConfig(), AbortSignal.timeout(TIME_LIMIT_MS));
  return examineKubernetes({ review, whoAmI }, `kubeconfig:${access.contextName ?? ''}`, options);
}

/** The object id in the identity's own token; the token comes from Azure, so it is decoded here and not verified. */
async function principalOf({ credential, armEndpoint }: AzureOptions): Promise<string | undefined> {
  try {
    const token = await credential.getToken(`${armEndpoint.replace(/\/+$/, '')}/.default`);
    return objectIdOf(token?.token ?? '');
  } catch (error) {
    throw faultOfError(error, { what: 'sign in', action: '' });
  }
}

/** The object id in a token; `undefined` when it is not a JWT or has none. */
export function objectIdOf(token: string): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const oid = typeof claims === 'object' && claims !== null && 'oid' in claims ? claims.oid : undefined;
    return typeof oid === 'string' && /^[0-9a-f-]{36}$/i.test(oid) ? oid : undefined;
  } catch {
    // Some credentials return tokens that only Azure can read.
    return undefined;
  }
}
