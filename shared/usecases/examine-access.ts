import { isAllowed, PERMISSIONS, type Permission, type Purpose } from '../domain/access/permissions.ts';
import { Fault, type FaultCode } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { AccessCheck, KubernetesReview } from '../ports/access-check.ts';
import type { AzureEstate, ListedCluster } from '../ports/azure-estate.ts';

/** Dependencies for checking the access to a cluster. */
export interface ExamineAccess {
  readonly azure: Pick<AzureEstate, 'getCluster' | 'latestNodeImage' | 'maintenanceConfigurations'>;
  readonly access: AccessCheck;
}

/** Optional permissions to check in addition to those of every audit. */
export interface ExamineOptions {
  readonly probe: 'off' | 'exec' | 'canary';
  /** Also the optional right to read persistent volumes. */
  readonly volumes?: boolean;
  /** Also the optional right to read pod templates. */
  readonly templates?: boolean;
  /** Also the optional right to read admission policies, for the rule admission-guardrail. */
  readonly guardrail?: boolean;
  /** The namespace in which canaries would run. */
  readonly canaryNamespace: string;
}

/** The result for one permission; `unknown`, with the reason, if it could not be checked. */
export interface PermissionCheck {
  readonly permission: Permission;
  readonly state: 'allowed' | 'denied' | 'unknown';
  readonly reason?: { readonly code: FaultCode; readonly message: string };
}

/** The permissions that the identity has and lacks for one cluster. */
export interface Examination {
  readonly clusterId: string;
  /** Absent if the cluster could not be read. */
  readonly listed?: ListedCluster;
  readonly checks: readonly PermissionCheck[];
  /** The caller's user name according to the API server; only for a cluster known from a kubeconfig alone. */
  readonly user?: string;
}

function wantedBy({ probe, ...optional }: ExamineOptions): readonly Permission[] {
  const wanted: readonly Purpose[] = ['audit', ...(['volumes', 'templates', 'guardrail'] as const).filter((one) => optional[one] === true)];
  return PERMISSIONS.filter(({ purpose }) => purpose === probe || wanted.includes(purpose));
}

type Outcome = Omit<PermissionCheck, 'permission'>;

/**
 * Checks each permission of the identity for a cluster. Changes nothing. A permission that could not be checked is `unknown`, never
 * allowed.
 */
export async function examineAccess(
  deps: ExamineAccess,
  clusterId: string,
  options: ExamineOptions,
  abortSignal: AbortSignal,
): Promise<Examination> {
  const wanted = wantedBy(options);
  const azure = wanted.filter(({ plane }) => plane === 'azure');
  const [look, ...others] = azure;
  if (look === undefined) throw new Error('the list of permissions has none for reading a cluster');
  const seen = await tryTo(() => deps.azure.getCluster(clusterId, abortSignal));
  if ('fault' in seen) {
    const blocked = unknown('no-azure-access', 'The cluster could not be read.');
    const rest = wanted.filter((permission) => permission !== look).map((permission) => ({ permission, ...blocked }));
    return { clusterId, checks: [{ permission: look, ...outcomeOf(seen.fault) }, ...rest] };
  }
  const checks = [
    { permission: look, state: 'allowed' as const },
    ...(await azureChecks(deps, seen.value, others, abortSignal)),
    ...(await kubernetesChecks((asked) => deps.access.kubernetesReview(seen.value, asked, abortSignal), wanted, options)),
  ];
  return { clusterId, listed: seen.value, checks };
}

async function azureChecks(
  { azure, access }: ExamineAccess,
  listed: ListedCluster,
  permissions: readonly Permission[],
  abortSignal: AbortSignal,
): Promise<readonly PermissionCheck[]> {
  const sets = await tryTo(() => access.azurePermissions(listed.cluster.id, abortSignal));
  if ('value' in sets) {
    return permissions.map((permission) => ({ permission, state: isAllowed(permission.action, sets.value) ? 'allowed' : 'denied' }));
  }
  // An identity that may not list permissions can still be checked with calls that change nothing.
  const [pool] = observedValue(listed.nodePools) ?? [];
  const harmless = (action: string): (() => Promise<unknown>) | undefined => {
    if (action.endsWith('/maintenanceConfigurations/read')) return () => azure.maintenanceConfigurations(listed, abortSignal);
    if (action.endsWith('/upgradeProfiles/read') && pool !== undefined) return () => azure.latestNodeImage(listed, pool.name, abortSignal);
    return undefined;
  };
  return Promise.all(
    permissions.map(async (permission) => {
      const call = harmless(permission.action);
      if (call === undefined) return { permission, ...outcomeOf(sets.fault, 'unknown') };
      const tried = await tryTo(call);
      return { permission, ...('fault' in tried ? outcomeOf(tried.fault) : { state: 'allowed' as const }) };
    }),
  );
}

/** Asks only the API server what the caller may do; no call goes to Azure. */
export async function examineKubernetes(
  { review, whoAmI }: { readonly review: Review; readonly whoAmI: () => Promise<string | undefined> },
  clusterId: string,
  options: ExamineOptions,
): Promise<Examination> {
  const checks = await kubernetesChecks(review, wantedBy(options), options);
  // The user name is needed only in the message about a denied permission.
  const user = checks.some(({ state }) => state === 'denied') ? await tryTo(whoAmI) : undefined;
  return { clusterId, checks, ...given({ user: user !== undefined && 'value' in user ? user.value : undefined }) };
}

type Review = (asked: readonly KubernetesReview[]) => Promise<readonly boolean[]>;

async function kubernetesChecks(
  review: Review,
  wanted: readonly Permission[],
  { canaryNamespace }: ExamineOptions,
): Promise<readonly PermissionCheck[]> {
  const asked = wanted.flatMap((permission) => {
    if (permission.plane !== 'kubernetes') return [];
    const question: KubernetesReview =
      permission.purpose === 'canary' ? { ...permission.attributes, namespace: canaryNamespace } : permission.attributes;
    return [{ permission, question }];
  });
  const reviews = asked.map(({ question }) => question);
  const answers = await tryTo(() => review(reviews));
  return asked.map(({ permission }, at) => {
    if ('fault' in answers) return { permission, ...outcomeOf(answers.fault, 'unknown') };
    return { permission, state: answers.value[at] === true ? 'allowed' : 'denied' };
  });
}

async function tryTo<T>(look: () => Promise<T>): Promise<{ readonly value: T } | { readonly fault: Fault }> {
  try {
    return { value: await look() };
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
}

/** A refusal is a result; after any other failure the permission is unknown. */
function outcomeOf({ code, message }: Fault, refused: 'denied' | 'unknown' = 'denied'): Outcome {
  return { state: code === 'denied' ? refused : 'unknown', reason: { code, message } };
}

function unknown(code: FaultCode, message: string): Outcome {
  return { state: 'unknown', reason: { code, message } };
}

/** The purposes with a missing or unknown permission, each once. */
export function lacking({ checks }: Examination): readonly Purpose[] {
  return [...new Set(checks.filter(({ state }) => state !== 'allowed').map(({ permission }) => permission.purpose))];
}
