import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import { unreadAmong } from '../../domain/snapshot/unread.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';
import { armWritesBucket, otherAksBucket } from '../budget/published-budgets.ts';
import { advised } from '../client/advice.ts';
import { type RememberedCredential, remembered } from '../client/credential.ts';
import { faultOfError } from '../client/fault.ts';
import type { AzureOptions } from '../client/options.ts';
import { only } from '../client/paging.ts';
import { containerService } from './container-service.ts';

/** The AKS server application, the same in every cloud: API servers accept tokens issued for it. */
const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';

const Credentials = z.object({ kubeconfigs: z.tuple([z.object({ value: z.base64().nonempty() })], z.unknown()) });

/** Returns an identity's token for an API server, renewed shortly before it expires, and always with `renew`. */
type GiveToken = (abortSignal?: AbortSignal, renew?: boolean) => Promise<string>;

/** The data needed to connect to a cluster's API server. */
export interface ClusterCredential {
  /** YAML; only its server and certificate authority may be used. */
  readonly kubeconfig: string;
  /** The API server's names according to Azure; a token is sent to no other host. */
  readonly hosts: readonly string[];
  readonly token: GiveToken;
  /** Returns the token of the probe's identity. */
  readonly probeToken: GiveToken;
}

/**
 * Gets the address of a cluster's API server and the identity's token for it. A stopped cluster and one without Entra ID are refused
 * before any call, because the kubeconfig of the latter would contain an administrator's certificate.
 */
export function clusterCredential(options: AzureOptions): (listed: ListedCluster, abortSignal: AbortSignal) => Promise<ClusterCredential> {
  return async (listed, abortSignal) => {
    assertReachable(listed);
    const hosts = hostsOf(listed, options);
    const kubeconfig = await advised(readKubeconfig(options, listed, abortSignal));
    const tokenOf = (credential: TokenCredential): GiveToken => {
      const held = remembered(credential, options.clock);
      return (signal = abortSignal, renew = false) => advised(tokenFor(held, listed, renew, signal));
    };
    return { kubeconfig, hosts, token: tokenOf(options.credential), probeToken: tokenOf(options.probeCredential ?? options.credential) };
  };
}

function assertReachable({ cluster, settings }: ListedCluster): void {
  if (settings.powerState.toLowerCase() === 'stopped') {
    throw new Fault('stopped', `The cluster ${cluster.name} is stopped, so its API server does not run.`);
  }
  const unread = unreadAmong(settings, ['entraIntegrated']);
  if (unread !== undefined)
    throw new Fault('malformed', `It is unknown whether the cluster ${cluster.name} has Entra ID integration: ${unread}`);
  if (settings.entraIntegrated !== true) {
    const text = `The cluster ${cluster.name} has no Entra ID integration: its only credential is an administrator's certificate, which is not used.`;
    throw new Fault('not-entra-integrated', text);
  }
}

/**
 * The hosts that may get a token: those that Azure reports for the cluster. If a simulated Azure on this machine reports none, its own
 * host is used, which gets the identity's tokens anyway.
 */
function hostsOf({ cluster, settings }: ListedCluster, { armEndpoint }: AzureOptions): readonly string[] {
  const named = [settings.fqdn, settings.privateFqdn].flatMap((name) => name ?? []);
  if (named.length > 0) return named;
  const { hostname } = new URL(armEndpoint);
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)) return [hostname];
  const why = unreadAmong(settings, ['fqdn', 'privateFqdn']) ?? 'Azure returned neither fqdn nor privateFQDN.';
  throw new Fault('malformed', `The host of the API server of ${cluster.name} is unknown: ${why}`);
}

/**
 * The server name to request in the kubeconfig. A private cluster's private name resolves only in networks that are linked to its private
 * DNS zone. If it also has a public name, that one resolves everywhere, to the same private address. Source:
 * learn.microsoft.com/azure/aks/private-clusters, "Configure a private DNS zone".
 */
function serverOf({ settings: { privateCluster, publicFqdn, fqdn } }: ListedCluster): { readonly serverFqdn?: string } {
  return privateCluster === true && publicFqdn === true && fqdn !== undefined ? { serverFqdn: fqdn } : {};
}

async function readKubeconfig(options: AzureOptions, listed: ListedCluster, abortSignal: AbortSignal): Promise<string> {
  const { cluster } = listed;
  const parts = parseClusterId(cluster.id);
  if (parts === undefined) throw new Fault('no-azure-access', `${cluster.id} is not known to Azure.`);
  const { client, answers } = await containerService(options, parts.subscriptionId, {
    what: `get the user credential of ${cluster.id}`,
    action: 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action',
    buckets: [otherAksBucket(parts.subscriptionId, cluster.location), armWritesBucket(parts.subscriptionId)],
    schema: Credentials,
    abortSignal,
  });
  await client.managedClusters.listClusterUserCredentials(parts.resourceGroup, parts.name, { format: 'exec', ...serverOf(listed) });
  const [first] = only(answers).kubeconfigs;
  return Buffer.from(first.value, 'base64').toString('utf8');
}

async function tokenFor(
  credential: RememberedCredential,
  { cluster }: ListedCluster,
  renew: boolean,
  abortSignal: AbortSignal,
): Promise<string> {
  const what = `get a token for the API server of ${cluster.id}`;
  try {
    if (renew) credential.forget(AKS_SCOPE);
    const token = await credential.getToken(AKS_SCOPE, { abortSignal });
    if (token !== null) return token.token;
  } catch (error) {
    throw faultOfError(error, { what, action: '' }, abortSignal);
  }
  throw new Fault('unauthenticated', `Cannot ${what}: the credential returned none.`);
}
