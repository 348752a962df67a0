import { given } from '../../../domain/snapshot/given.ts';
import { clusterId } from '../cluster-id.ts';
import type { Estate, EstateCluster, EstateNodePool, EstateSubscription } from '../model.ts';
import { type Answer, json, type Question } from '../server/answer.ts';
import type { ArmBudgets, Charge } from './arm-budgets.ts';
import { failure } from './arm-failure.ts';
import { agentPool, maintenanceConfigurations, managedCluster, upgradeProfile } from './arm-shapes.ts';
import { queryResourceGraph } from './resource-graph.ts';
import type { Told } from './told.ts';

/** The data and behavior of the simulated Azure Resource Manager. */
export interface ArmState {
  /** The current estate. */
  readonly estate: () => Estate;
  readonly token: string;
  /** Number of clusters on one page of a list; the real service chooses it itself. */
  readonly pageSize: number;
  /** Rejects calls beyond the published budgets; by default, calls are not limited. */
  readonly budgets?: ArmBudgets | undefined;
  /** Objects that the app published to Azure. */
  readonly told: Told;
  /** The kubeconfig that `listClusterUserCredential` returns. */
  readonly userKubeconfig: (cluster: EstateCluster) => string | Promise<string>;
}

interface Context {
  readonly state: ArmState;
  readonly estate: Estate;
  readonly question: Question;
  readonly groups: Readonly<Record<string, string>>;
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: RegExp;
  readonly answer: (context: Context) => Answer | Promise<Answer>;
}

const SUBSCRIPTION = '^/subscriptions/(?<subscription>[^/]+)';
const CLUSTER = `${SUBSCRIPTION}/resourceGroups/(?<group>[^/]+)/providers/Microsoft\\.ContainerService/managedClusters/(?<cluster>[^/]+)`;
const POOL = `${CLUSTER}/agentPools/(?<pool>[^/]+)`;
const METADATA = `${SUBSCRIPTION}/providers/Microsoft\\.Security/assessmentMetadata/(?<name>[^/]+)`;
const ASSESSMENT = `${CLUSTER}/providers/Microsoft\\.Security/assessments/(?<name>[^/]+)`;
const ATTESTATION = `${CLUSTER}/providers/Microsoft\\.PolicyInsights/attestations/(?<name>[^/]+)`;

const ROUTES: readonly Route[] = [
  route('GET', '^/subscriptions', ({ estate }) => json(200, { value: estate.subscriptions.map(subscriptionShape) })),
  route('GET', SUBSCRIPTION, (context) => withSubscription(context, (subscription) => json(200, subscriptionShape(subscription)))),
  route('GET', `${SUBSCRIPTION}/providers/Microsoft\\.ContainerService/managedClusters`, listClusters),
  route('GET', `${SUBSCRIPTION}/resourceGroups/(?<group>[^/]+)/providers/Microsoft\\.ContainerService/managedClusters`, listClusters),
  route('GET', CLUSTER, (context) =>
    withCluster(context, (subscription, cluster) => json(200, managedCluster(context.estate, subscription, cluster))),
  ),
  route('GET', `${CLUSTER}/agentPools`, (context) =>
    withCluster(context, ({ id }, cluster) => json(200, { value: cluster.nodePools.map((pool) => agentPool(id, cluster, pool)) })),
  ),
  route('GET', POOL, (context) => withPool(context, ({ id }, cluster, pool) => json(200, agentPool(id, cluster, pool)))),
  route('GET', `${POOL}/upgradeProfiles/default`, (context) =>
    withPool(context, ({ id }, cluster, pool) =>
      cluster.denied?.includes('get upgradeprofiles') === true ? forbidden(cluster) : json(200, upgradeProfile(id, cluster, pool)),
    ),
  ),
  route('GET', `${CLUSTER}/maintenanceConfigurations`, (context) =>
    withCluster(context, ({ id }, cluster) => json(200, { value: maintenanceConfigurations(id, cluster) })),
  ),
  route('POST', `${CLUSTER}/listClusterUserCredential`, (context) =>
    withCluster(context, async (_, cluster) => {
      if (cluster.locked === true) return locked(cluster);
      const kubeconfig = await context.state.userKubeconfig(cluster);
      return json(200, { kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(kubeconfig).toString('base64') }] });
    }),
  ),
  route('GET', `${CLUSTER}/providers/Microsoft\\.Authorization/permissions`, (context) =>
    withCluster(context, () => json(200, { value: [PERMISSIONS] })),
  ),
  route('PUT', METADATA, (context) => withSubscription(context, ({ id }) => context.state.told.putMetadata(id, ...named(context)))),
  route('DELETE', METADATA, (context) => withSubscription(context, ({ id }) => context.state.told.deleteMetadata(id, ...named(context)))),
  tellingRoute('PUT', ASSESSMENT, (told, ...asked) => told.putAssessment(...asked)),
  tellingRoute('DELETE', ASSESSMENT, (told, ...asked) => told.deleteAssessment(...asked)),
  tellingRoute('PUT', ATTESTATION, (told, ...asked) => told.putAttestation(...asked)),
  tellingRoute('DELETE', ATTESTATION, (told, ...asked) => told.deleteAttestation(...asked)),
  route('POST', '^/providers/Microsoft\\.ResourceGraph/resources', ({ estate, question }) => queryResourceGraph(estate, question.body)),
  route('GET', '^/providers/Microsoft\\.Management/managementGroups/(?<managementGroup>[^/]+)/subscriptions', listManaged),
  route('GET', '^/providers/Microsoft\\.Management/managementGroups/(?<managementGroup>[^/]+)/descendants', listManaged),
];

/** Permissions of the calling identity: read everything and get cluster credentials. */
const PERMISSIONS = {
  actions: ['*/read', 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action'],
  notActions: [],
  dataActions: [],
  notDataActions: [],
};

/** Answers one request as Azure Resource Manager does. */
export async function answerArm(state: ArmState, question: Question): Promise<Answer> {
  const headers = {
    'x-ms-request-id': question.headers['x-ms-client-request-id'] ?? 'simulated',
    'x-ms-ratelimit-remaining-subscription-reads': '249',
    'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
  };
  const answer = await decide(state, question);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

async function decide(state: ArmState, question: Question): Promise<Answer> {
  if (question.headers.authorization !== `Bearer ${state.token}`) return unauthenticated();
  if (!question.url.searchParams.has('api-version')) {
    return failure(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
  }
  const path = decodeURIComponent(question.url.pathname).replace(/\/+$/, '');
  const matching = ROUTES.flatMap((one) => {
    const match = one.path.exec(path);
    return match === null ? [] : [{ route: one, groups: { ...match.groups } }];
  });
  const found = matching.find(({ route: { method } }) => method === question.method);
  if (found !== undefined) {
    const context = { state, estate: state.estate(), question, groups: found.groups };
    if (state.budgets === undefined) return found.route.answer(context);
    const charge = chargeOf(context);
    const wait = state.budgets.spend(charge);
    const answer = wait === undefined ? await found.route.answer(context) : throttled(wait);
    return { ...answer, headers: { ...answer.headers, ...state.budgets.headers(charge) } };
  }
  if (matching.length > 0) return failure(405, 'MethodNotAllowed', `The resource does not support ${question.method}.`);
  return failure(404, 'InvalidResourceType', `No simulated resource at ${path}.`);
}

function route(method: Route['method'], path: string, answer: Route['answer']): Route {
  return { method, path: new RegExp(`${path}$`, 'i'), answer };
}

/** A route of an object that is published for a cluster. */
function tellingRoute(
  method: 'PUT' | 'DELETE',
  path: string,
  tell: (told: Told, clusterId: string, name: string, question: Question) => Answer,
): Route {
  return route(method, path, (context) =>
    withCluster(context, ({ id }, cluster) => tell(context.state.told, clusterId(id, cluster), ...named(context))),
  );
}

function named({ groups, question }: Context): readonly [string, Question] {
  return [groups.name ?? '', question];
}

function listClusters(context: Context): Answer {
  const { state, estate, question, groups } = context;
  return withSubscription(context, (subscription) => {
    const clusters = subscription.clusters.filter(
      ({ resourceGroup }) => groups.group === undefined || groups.group.toLowerCase() === resourceGroup.toLowerCase(),
    );
    const start = Number(question.url.searchParams.get('$skiptoken') ?? '0');
    if (!Number.isInteger(start) || start < 0) return failure(400, 'InvalidSkipToken', 'The $skiptoken is not one of this server.');
    const page = clusters.slice(start, start + state.pageSize);
    const next = new URL(question.url);
    next.searchParams.set('$skiptoken', String(start + page.length));
    const more = start + page.length < clusters.length;
    return json(200, {
      value: [...page.map((cluster) => managedCluster(estate, subscription, cluster)), ...(more ? [] : (subscription.oddEntries ?? []))],
      ...(more ? { nextLink: next.href } : {}),
    });
  });
}

function listManaged({ estate, groups }: Context): Answer {
  const wanted = groups.managementGroup?.toLowerCase();
  const found = estate.subscriptions.filter(({ managementGroup }) => managementGroup.toLowerCase() === wanted);
  if (found.length === 0) return failure(404, 'NotFound', `The management group '${groups.managementGroup}' could not be found.`);
  return json(200, {
    value: found.map(({ id, name, managementGroup }) => ({
      id: `/providers/Microsoft.Management/managementGroups/${managementGroup}/subscriptions/${id}`,
      type: 'Microsoft.Management/managementGroups/subscriptions',
      name: id,
      properties: {
        displayName: name,
        state: 'Active',
        parent: { id: `/providers/Microsoft.Management/managementGroups/${managementGroup}` },
      },
    })),
  });
}

function subscriptionShape({ id, name }: EstateSubscription): Record<string, unknown> {
  return { id: `/subscriptions/${id}`, subscriptionId: id, displayName: name, state: 'Enabled' };
}

function withSubscription<T>({ estate, groups }: Context, use: (subscription: EstateSubscription) => T): T | Answer {
  const found = estate.subscriptions.find(({ id }) => id.toLowerCase() === groups.subscription?.toLowerCase());
  return found === undefined
    ? failure(404, 'SubscriptionNotFound', `The subscription '${groups.subscription}' could not be found.`)
    : use(found);
}

function withCluster<T>(context: Context, use: (subscription: EstateSubscription, cluster: EstateCluster) => T): T | Answer {
  const { group = '', cluster = '' } = context.groups;
  return withSubscription(context, (subscription) => {
    const found = subscription.clusters.find(
      ({ name, resourceGroup }) => name.toLowerCase() === cluster.toLowerCase() && resourceGroup.toLowerCase() === group.toLowerCase(),
    );
    if (found === undefined) return notFound(`managedClusters/${cluster}' under resource group '${group}`);
    return found.denied?.includes('get managedclusters') === true ? forbidden(found) : use(subscription, found);
  });
}

function withPool<T>(
  context: Context,
  use: (subscription: EstateSubscription, cluster: EstateCluster, pool: EstateNodePool) => T,
): T | Answer {
  return withCluster(context, (subscription, cluster) => {
    const found = cluster.nodePools.find(({ name }) => name.toLowerCase() === context.groups.pool?.toLowerCase());
    return found === undefined
      ? notFound(`managedClusters/${cluster.name}/agentPools/${context.groups.pool}`)
      : use(subscription, cluster, found);
  });
}

function notFound(what: string): Answer {
  return failure(404, 'ResourceNotFound', `The Resource 'Microsoft.ContainerService/${what}' was not found.`);
}

/** The list still contains such a cluster until it reflects the change of permissions. */
function forbidden({ name }: EstateCluster): Answer {
  return failure(403, 'AuthorizationFailed', `The client does not have authorization to perform an action over the cluster '${name}'.`);
}

/** Every POST counts as a change. Source: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources. */
function locked({ name }: EstateCluster): Answer {
  const scope = `The scope '${name}' cannot perform write operation because following scope(s) are locked: '${name}'.`;
  return failure(409, 'ScopeLocked', `${scope} Please remove the lock and try again.`);
}

function unauthenticated(): Answer {
  const answer = failure(401, 'InvalidAuthenticationToken', 'The access token is invalid.');
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Bearer error="invalid_token"' } };
}

/** The budget that a call is charged to, by its path. */
function chargeOf({ estate, question, groups }: Context): Charge {
  const { subscription, group, cluster } = groups;
  if (subscription === undefined) return { kind: question.method === 'POST' ? 'resource-graph' : 'tenant' };
  if (question.method === 'PUT' || question.method === 'DELETE') return { kind: 'write', method: question.method, subscription };
  const path = question.url.pathname;
  if (!/managedClusters/i.test(path)) return { kind: 'subscription', subscription };
  if (cluster === undefined) return { kind: 'list-clusters', subscription, ...given({ resourceGroup: group }) };
  if (new RegExp(`${CLUSTER}$`, 'i').test(path)) return { kind: 'get-cluster', subscription, cluster };
  const location = estate.subscriptions.flatMap(({ clusters }) => clusters).find(({ name }) => name === cluster)?.location ?? '';
  return { kind: 'other-aks', method: question.method, subscription, location };
}

function throttled(retryAfterSeconds: number): Answer {
  const answer = failure(429, 'Throttled', 'The request was throttled. Please retry after the time given in Retry-After.');
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } };
}
