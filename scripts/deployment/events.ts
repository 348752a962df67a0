import { type Az, type AzResult, reasonOf } from './az.ts';
import { type DeploymentEnvironment, subscriptionOf } from './environment.ts';

const API_VERSION = '2025-03-01';
/** The host lists a function some seconds after a sync of the triggers; a first cold start takes minutes. */
const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 10_000;
/** Event Grid may not see the function yet although Resource Manager does. */
const TRIES = 3;
/** The line that runs the hook again. */
const REPEAT = 'azd hooks run postdeploy';

/** Dependencies of subscribing. */
export interface Subscribing {
  readonly az: Az;
  readonly print: (line: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  /** Writes a file of template parameters and returns its path. */
  readonly writeParameters: (subscription: string, content: unknown) => string;
  readonly template: string;
}

/**
 * Runs after the code was deployed: makes the platform read the triggers, waits until the function exists, and subscribes it to the
 * events of each subscription. A failure does not stop the others. Returns the exit code; safe to run again at any point.
 */
export async function subscribeEvents(world: Subscribing, environment: DeploymentEnvironment): Promise<number> {
  const { print } = world;
  if (environment.subscriptions.length === 0) {
    print(withoutEvents(environment));
    return 0;
  }
  if (!(await waitForFunction(world, environment))) return 1;
  const failed: string[] = [];
  for (const subscription of environment.subscriptions) {
    print(`Subscribing to the events of ${subscription} …`);
    const result = await deploy(world, environment, subscription);
    if (result.code === 0) print(`  done: ${described(environment, subscription)}`);
    else {
      failed.push(subscription);
      print(`  failed: ${reasonOf(result)}`);
    }
  }
  if (failed.length === 0) return 0;
  print(`No events come from ${failed.length} of ${environment.subscriptions.length} subscriptions: ${failed.join(', ')}.`);
  print(`Audits still cover them. Fix the problems above, then repeat with: ${REPEAT}`);
  return 1;
}

function withoutEvents({ managementGroups }: DeploymentEnvironment): string {
  const groups = managementGroups.length === 0 ? '' : ` Only management groups are audited (${managementGroups.join(', ')}).`;
  return `No subscription is named, so the app receives no events: the next audit finds changes.${groups} To receive events, name subscriptions: azd env set KATAUDIT_EVENT_SUBSCRIPTIONS "GUID,GUID", then ${REPEAT}`;
}

function described({ clusters }: DeploymentEnvironment, subscription: string): string {
  const own = clusters.filter((id) => subscriptionOf(id) === subscription).length;
  return own === 0
    ? 'changes of its clusters and node pools'
    : `changes of its clusters and node pools, and the own events of ${own} of its clusters`;
}

/** Without this the platform may not know the new triggers for minutes: azure-functions-host#10169, functions-action#373. */
async function waitForFunction({ az, print, sleep, now }: Subscribing, environment: DeploymentEnvironment): Promise<boolean> {
  const site = `/subscriptions/${environment.homeSubscription}/resourceGroups/${environment.resourceGroup}/providers/Microsoft.Web/sites/${environment.appName}`;
  const rest = (method: string, path: string) =>
    az(['rest', '--method', method, '--uri', `${site}${path}?api-version=${API_VERSION}`, '--output', 'none']);
  const started = now();
  for (let attempt = 1; ; attempt++) {
    const synchronized = await rest('post', '/syncfunctiontriggers');
    const looked = await rest('get', '/functions/cluster-changed');
    if (looked.code === 0) {
      print('The function cluster-changed exists.');
      return true;
    }
    const waited = now() - started;
    if (!isNotThereYet(looked) || waited >= PATIENCE_MS) {
      const reason = synchronized.code === 0 ? reasonOf(looked) : reasonOf(synchronized);
      print(`The function cluster-changed was not found after ${Math.round(waited / 1000)} seconds: ${reason}`);
      print(`No event subscription was created. Check that \`azd deploy\` succeeded, then repeat with: ${REPEAT}`);
      return false;
    }
    print(`Waiting for the function cluster-changed (${Math.round(waited / 1000)} seconds so far, attempt ${attempt}) …`);
    await sleep(PAUSE_MS);
  }
}

/** az reports a 404 only in its message; waiting does not help with other errors. */
function isNotThereYet({ stderr }: AzResult): boolean {
  return /Not ?Found|ServiceUnavailable|Bad ?Gateway|Gateway ?Timeout|ResourceNotFound/i.test(stderr);
}

async function deploy(world: Subscribing, environment: DeploymentEnvironment, subscription: string): Promise<AzResult> {
  const parameters = world.writeParameters(subscription, parametersFor(environment, subscription));
  const words = [
    ...['deployment', 'sub', 'create', '--subscription', subscription],
    // A deployment with the same name must keep its location, which is part of the token.
    ...['--name', `kataudit-events-${environment.token}`, '--location', environment.location],
    ...['--template-file', world.template, '--parameters', `@${parameters}`, '--output', 'none'],
  ];
  for (let attempt = 1; ; attempt++) {
    const result = await world.az(words);
    if (result.code === 0 || attempt === TRIES || !/endpoint not found/i.test(result.stderr)) return result;
    world.print('  Event Grid does not see the function yet; trying again shortly.');
    await world.sleep(PAUSE_MS * 3);
  }
}

/** The parameters of events.bicep for one subscription, as a file. */
export function parametersFor(environment: DeploymentEnvironment, subscription: string) {
  const { clusters, topics } = environment;
  const values = {
    environmentName: environment.environmentName,
    deploymentToken: environment.token,
    location: environment.location,
    appSubscriptionId: environment.homeSubscription,
    appResourceGroup: environment.resourceGroup,
    functionAppName: environment.appName,
    storageAccountName: environment.storageAccount,
    eventIdentityId: environment.eventIdentityId,
    clusters: clusters
      .filter((id) => subscriptionOf(id) === subscription)
      .map((id) => ({ id, existingTopicId: topics.get(id.toLowerCase()) ?? '' })),
    existingTopicId: topics.get(subscription) ?? '',
  };
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#',
    contentVersion: '1.0.0.0',
    parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
  };
}
