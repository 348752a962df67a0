import { isAllowed, PERMISSIONS, type Permission, type Purpose } from '../domain/access/permissions.ts';
import { Fault, type FaultCode } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { AccessCheck, KubernetesReview } from '../ports/access-check.ts';
import type { AzureEstate, ListedCluster } from '../ports/azure-estate.ts';

/** What examining a cluster needs of the world. */
export interface ExamineAccess {
  readonly azure: Pick<AzureEstate, 'getCluster' | 'latestNodeImage' | 'maintenanceConfigurations'>;
  readonly access: AccessCheck;
}

/** What is to be examined beside what every audit needs. */
export interface ExamineOptions {
  readonly probe: 'off' | 'exec' | 'canary';
  /** The optional right to read persistent volumes too. */
  readonly volumes?: boolean;
  /** The optional right to read pod templates too. */
  readonly templates?: boolean;
  /** The optional right to read admission policies, as the rule admission-guardrail does. */
  readonly guardrail?: boolean;
  /** Where canaries would run. */
  readonly canaryNamespace: string;
}

/** Whether one permission is there; `unknown` when it could not be asked, with the reason. */
export interface PermissionCheck {
  readonly permission: Permission;
  readonly state: 'allowed' | 'denied' | 'unknown';
  readonly reason?: { readonly code: FaultCode; readonly message: string };
}

/** What the identity can and cannot do with one cluster. */
export interface Examination {
  readonly clusterId: string;
  /** Absent when the cluster itself could not be seen. */
  readonly listed?: ListedCluster;
  readonly checks: readonly PermissionCheck[];
  /** How the API server calls who asks; told of a cluster that is known by a kubeconfig alone. */
  readonly user?: string;
}

function wantedBy({ probe, ...optional }: ExamineOptions): readonly Permission[] {
  const wanted: readonly Purpose[] = ['audit', ...(['volumes', 'templates', 'guardrail'] as const).filter((one) => optional[one] === true)];
  return PERMISSIONS.filter(({ purpose }) => purpose === probe || wanted.includes(purpose));
}

type Outcome = Omit<PermissionCheck, 'permission'>;

/**
 * Asks, permission by permission, what the identity may do with a cluster. Nothing is changed, and
 * what could not be asked is `unknown`, never allowed.
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
  if (look === undefined) throw new Error('there is no permission to look at a cluster');
  const seen = await tryTo(() => deps.azure.getCluster(clusterId, abortSignal));
  if ('fault' in seen) {
    const blocked = unknown('no-azure-access', 'The cluster itself could not be seen.');
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
  // Who may not list permissions can still be told about the calls that are harmless to try.
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

/** Asks an API server alone what the caller may do there; nothing is asked of Azure, and nothing of Azure is told. */
export async function examineKubernetes(
  { review, whoAmI }: { readonly review: Review; readonly whoAmI: () => Promise<string | undefined> },
  clusterId: string,
  options: ExamineOptions,
): Promise<Examination> {
  const checks = await kubernetesChecks(review, wantedBy(options), options);
  // Who is refused everything need not be asked who they are: the reason is told already.
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

/** A refusal is an answer; any other failure leaves the question open. */
function outcomeOf({ code, message }: Fault, refused: 'denied' | 'unknown' = 'denied'): Outcome {
  return { state: code === 'denied' ? refused : 'unknown', reason: { code, message } };
}

function unknown(code: FaultCode, message: string): Outcome {
  return { state: 'unknown', reason: { code, message } };
}

/** The purposes for which something is missing or unknown, each once. */
export function lacking({ checks }: Examination): readonly Purpose[] {
  return [...new Set(checks.filter(({ state }) => state !== 'allowed').map(({ permission }) => permission.purpose))];
}
