import { type Grant, grantCommands } from '../domain/access/grants.ts';
import { given } from '../domain/snapshot/given.ts';
import { type ClusterIdParts, isSubscriptionId, parseClusterId } from '../domain/snapshot/resource-id.ts';
import { commandLine } from '../domain/text/shell-word.ts';
import type { SubscriptionListing } from '../ports/azure-estate.ts';
import type { Examination, ExamineOptions, PermissionCheck } from '../usecases/examine-access.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit doctor`. */
export interface DoctorOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: readonly string[];
  readonly subscription?: readonly string[];
  readonly probe: ExamineOptions['probe'];
  readonly volumes?: boolean;
  readonly templates?: boolean;
  readonly canaryNamespace: string;
  readonly guardrail?: boolean;
  /** Who the printed commands name: an object id, or a user of the cluster of a kubeconfig; who asks when absent. */
  readonly principal?: string;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

/** The calls to the outside that the doctor makes. */
export interface DoctorWorld {
  readonly clustersOf: (subscriptionId: string) => Promise<SubscriptionListing>;
  readonly examine: (clusterId: string, options: ExamineOptions) => Promise<Examination>;
  /** The object id of the signed-in identity; `undefined` if its token does not contain one. */
  readonly principalId: () => Promise<string | undefined>;
  readonly examineKubeconfig: (file: string, context: string | undefined, options: ExamineOptions) => Promise<Examination>;
}

const STATES = { allowed: 'yes', denied: 'NO', unknown: 'not known' } as const;

/**
 * Shows what the identity can and cannot do and how to grant what is missing. Returns 0 if nothing is missing, 1 if something is,
 * 2 if that is unknown.
 */
export async function doctor({ terminal }: Pick<Surroundings, 'terminal'>, options: DoctorOptions, world: DoctorWorld): Promise<number> {
  const { probe, volumes = false, templates = false, canaryNamespace, guardrail = false, principal: named } = options;
  checkSubjects(options);
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const asked = { probe, volumes, templates, guardrail, canaryNamespace };
  const { examinations, principal, incomplete } =
    options.kubeconfig === undefined
      ? await throughAzure(options, asked, world)
      : throughKubeconfig(await world.examineKubeconfig(options.kubeconfig, options.context, asked), named);
  await deliver(terminal, destinations, (format, page) =>
    format === 'json'
      ? JSON.stringify(
          examinations.map((one) => document(one, principal, asked)),
          null,
          2,
        )
      : [...examinations.map((one) => text(one, principal, asked, page)), ...summary(examinations, page)].join('\n'),
  );
  for (const message of incomplete) terminal.say(message);
  const checks = examinations.flatMap((examination) => examination.checks);
  if (checks.some(({ state }) => state === 'denied')) return 1;
  return incomplete.length === 0 && checks.every(({ state }) => state === 'allowed') ? 0 : 2;
}

interface Findings {
  readonly examinations: readonly Examination[];
  /** The object id that the printed commands name. */
  readonly principal: string;
  /** Why a subscription may contain clusters that were not examined. */
  readonly incomplete: readonly string[];
}

/** The commands are for an administrator, so they name the identity that was checked and not the one that runs them. */
function throughKubeconfig(examination: Examination, named: string | undefined): Findings {
  return { examinations: [examination], principal: named ?? examination.user ?? 'USER-NAME', incomplete: [] };
}

async function throughAzure(options: DoctorOptions, asked: ExamineOptions, world: DoctorWorld): Promise<Findings> {
  const { cluster = [], subscription = [] } = options;
  // Checked first: without a sign-in, one message replaces one for each permission of each cluster.
  const own = await world.principalId();
  const listed = await Promise.all(subscription.map((id) => world.clustersOf(id)));
  const ids = [...new Set([...cluster, ...listed.flatMap(({ clusters }) => clusters.map(({ id }) => id))])];
  const incomplete = listed.flatMap((listing) => listing.incomplete?.message ?? []);
  if (ids.length === 0) throw new UsageError('There is nothing to check: this identity can see no cluster in the subscriptions.');
  const examinations: Examination[] = [];
  for (const id of ids) examinations.push(await world.examine(id, asked));
  return { examinations, principal: options.principal ?? own ?? 'OBJECT-ID', incomplete };
}

/** In how many clusters each permission is granted. With many clusters, the table of each is too long to read. */
function summary(examinations: readonly Examination[], page: Page): readonly string[] {
  if (examinations.length < 2) return [];
  const byAction = Map.groupBy(
    examinations.flatMap(({ checks }) => checks),
    ({ permission }) => permission.action,
  );
  const rows = [...byAction].map(([action, checks]) => {
    const count = (state: PermissionCheck['state']) => String(checks.filter((check) => check.state === state).length);
    return [count('allowed'), count('denied'), count('unknown'), action];
  });
  return [`All ${examinations.length} clusters, by permission`, table(['YES', 'NO', 'NOT KNOWN', 'PERMISSION'], rows, page), ''];
}

function checkSubjects({ cluster = [], subscription = [], kubeconfig, context }: DoctorOptions): void {
  if (kubeconfig !== undefined && cluster.length + subscription.length > 0) {
    throw new UsageError('--kubeconfig checks one cluster without Azure. It cannot be combined with --cluster or --subscription.');
  }
  if (context !== undefined && kubeconfig === undefined) throw new UsageError('--context needs --kubeconfig.');
  if (kubeconfig === undefined && cluster.length + subscription.length === 0) {
    throw new UsageError('Say what to check: --cluster RESOURCE_ID, --subscription ID or --kubeconfig FILE.');
  }
  const noCluster = cluster.find((id) => parseClusterId(id) === undefined);
  if (noCluster !== undefined) throw new UsageError(`--cluster must be the ARM id of an AKS cluster, not ${JSON.stringify(noCluster)}.`);
  const noSubscription = subscription.find((id) => !isSubscriptionId(id));
  if (noSubscription !== undefined) throw new UsageError(`--subscription must be a GUID, not ${JSON.stringify(noSubscription)}.`);
}

function text(examination: Examination, principal: string, options: ExamineOptions, page: Page): string {
  const { clusterId, checks } = examination;
  const rows = checks.map(({ permission: { action, why }, state }) => [STATES[state], why, action]);
  const reasons = [...new Set(checks.flatMap(({ reason }) => reason?.message ?? []))];
  const remedies = remediesFor(examination, principal, options);
  return [
    plain(clusterId),
    table(['ALLOWED', 'NEEDED FOR', 'PERMISSION'], rows, page),
    ...reasons.map((reason) => `  ${plain(reason)}`),
    ...(remedies.length === 0 ? [] : ['', 'What to do:', ...remedies.map((line) => `  ${plain(line)}`)]),
    '',
  ].join('\n');
}

function document(examination: Examination, principal: string, options: ExamineOptions) {
  const { clusterId, checks } = examination;
  return {
    clusterId,
    checks: checks.map(({ permission: { action, plane, purpose }, state, reason }) => ({
      action,
      plane,
      purpose,
      state,
      ...given({ reason }),
    })),
    remedies: remediesFor(examination, principal, options),
  };
}

/** The commands that grant what is missing, and instructions for what no command can fix. Unknown permissions are left out. */
function remediesFor(
  { clusterId, listed, checks }: Examination,
  principal: string,
  { canaryNamespace }: ExamineOptions,
): readonly string[] {
  const missing = checks.filter(({ state }) => state === 'denied').map(({ permission }) => permission);
  const cluster = parseClusterId(clusterId);
  if (cluster === undefined) return kubeconfigRemedies(clusterId, { principal, missing, canaryNamespace });
  const place = { cluster, azureRbac: listed?.settings.azureRbac ?? true };
  return [...grantCommands({ place, principal, missing, canaryNamespace }), ...advice(checks, cluster)];
}

function kubeconfigRemedies(clusterId: string, grant: Omit<Grant, 'place'>): readonly string[] {
  const context = clusterId.slice(KUBECONFIG.length);
  const grants = grantCommands({ place: context === '' ? {} : { context }, ...grant });
  return grants.length === 0 ? [] : [BY_ADMINISTRATOR, ...grants];
}

const KUBECONFIG = 'kubeconfig:';
const BY_ADMINISTRATOR = '# For an administrator of the cluster to run, with the name of their own context:';

/** Problems other than missing permissions: commands where one helps, otherwise instructions. */
export function advice(checks: readonly PermissionCheck[], { subscriptionId, resourceGroup, name }: ClusterIdParts): readonly string[] {
  const codes = new Set(checks.filter(({ permission }) => permission.plane === 'kubernetes').map(({ reason }) => reason?.code));
  const target = ['--subscription', subscriptionId, '--resource-group', resourceGroup, '--name', name];
  const command = (verb: string, ...options: string[]) =>
    [commandLine(['az', 'aks', verb, ...target, ...options])].flatMap((line) => line ?? []);
  return [
    ...(codes.has('not-entra-integrated') ? command('update', '--enable-aad', '--enable-azure-rbac') : []),
    ...(codes.has('stopped') ? command('start') : []),
    ...(codes.has('unreachable') || codes.has('timed-out')
      ? ['# The API server did not answer this machine. For private clusters see docs/operate.md, "Private clusters".']
      : []),
  ];
}
