import { z } from 'zod';
import { type Az, reasonOf } from './az.ts';
import type { DeploymentEnvironment } from './environment.ts';

const AUTHORIZATION = '2022-04-01';
const EVENT_GRID = '2025-02-15';
const RESOURCES = '2025-04-01';
const POLICY = '2025-03-01';

/** Dependencies of removing. */
export interface Removing {
  readonly az: Az;
  readonly print: (line: string) => void;
}

/** A step that Azure refused; the others go on. */
class Refused extends Error {}

const page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });
const definition = z.object({ id: z.string(), name: z.string(), properties: z.object({ roleName: z.string() }) });
const assignment = z.object({ id: z.string(), properties: z.object({ roleDefinitionId: z.string(), principalId: z.string() }) });
const resource = z.object({ id: z.string(), name: z.string(), tags: z.record(z.string(), z.string()).nullish() });

/**
 * Removes what a deployment left in subscriptions: event subscriptions, topics and their resource group, role assignments,
 * deployments. It finds them by names that contain the deployment's token, so it also works after the identity was deleted. Returns
 * the exit code; safe to run again.
 */
export async function removeFrom(world: Removing, environment: DeploymentEnvironment, subscriptions: readonly string[]): Promise<number> {
  return runSteps(world, subscriptions, (subscription) => stepsOf(world, environment, subscription));
}

async function runSteps(
  world: Removing,
  subscriptions: readonly string[],
  steps: (subscription: string) => readonly Step[],
): Promise<number> {
  const failed: string[] = [];
  for (const subscription of subscriptions) {
    world.print(`Removing from ${subscription} …`);
    for (const [what, step] of steps(subscription)) {
      try {
        const removed = await step();
        world.print(`  ${what}: ${removed} removed`);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        failed.push(`${what} of ${subscription}`);
        world.print(`  ${what}: ${error.message}`);
      }
    }
  }
  if (failed.length === 0) return 0;
  world.print(`Not everything could be removed: ${failed.join('; ')}. Fix the problems above and run the command again.`);
  return 1;
}

/** Removes what several subscriptions share: the roles, once they are no longer assigned, and the application. Returns the exit code. */
export async function removeShared(world: Removing, environment: DeploymentEnvironment, applicationIdUri: string): Promise<number> {
  const { homeSubscription } = environment;
  try {
    const roles = await ownRoles(world, environment, homeSubscription);
    for (const { id } of roles) await remove(world, `${id}?api-version=${AUTHORIZATION}`);
    world.print(`Roles: ${roles.length} removed`);
    world.print(`Application: ${await removeApplication(world, applicationIdUri)} removed`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    world.print(`Not everything could be removed: ${error.message}`);
    return 1;
  }
}

type Step = readonly [what: string, step: () => Promise<number>];

function stepsOf(world: Removing, environment: DeploymentEnvironment, subscription: string): readonly Step[] {
  return [
    ['event subscriptions', () => removeEvents(world, environment, subscription)],
    ['resource groups of topics', () => removeGroup(world, environment, subscription)],
    ['role assignments', () => removeAssignments(world, environment, subscription)],
    ['policy of attestations', () => removePolicy(world, environment, subscription)],
    ['deployments', () => removeDeployment(world, environment, subscription)],
  ];
}

async function removeEvents(world: Removing, { token }: DeploymentEnvironment, subscription: string): Promise<number> {
  const topics = await list(
    world,
    `/subscriptions/${subscription}/providers/Microsoft.EventGrid/systemTopics?api-version=${EVENT_GRID}`,
    resource,
  );
  let removed = 0;
  for (const { id } of topics) {
    const held = await list(world, `${id}/eventSubscriptions?api-version=${EVENT_GRID}`, resource);
    for (const one of held.filter((event) => event.id.endsWith(`/kataudit-${token}`))) {
      await remove(world, `${one.id}?api-version=${EVENT_GRID}`);
      removed += 1;
    }
  }
  return removed;
}

/** Removes the resource group of the topics. That of the home subscription also contains the app and is deleted by `azd down`. */
async function removeGroup(world: Removing, environment: DeploymentEnvironment, subscription: string): Promise<number> {
  if (subscription === environment.homeSubscription) return 0;
  const groups = await list(world, `/subscriptions/${subscription}/resourcegroups?api-version=${RESOURCES}`, resource);
  const own = groups.filter(
    ({ name, tags }) => name === `rg-${environment.environmentName}` && tags?.['azd-env-name'] === environment.environmentName,
  );
  for (const { id } of own) await remove(world, `${id}?api-version=${RESOURCES}`);
  return own.length;
}

/**
 * Removes all role assignments of the probe in subscriptions; `azd provision` assigns those that are still wanted again. Returns the
 * exit code.
 */
export async function removeProbeRights(
  world: Removing,
  environment: DeploymentEnvironment,
  subscriptions: readonly string[],
): Promise<number> {
  return runSteps(world, subscriptions, (subscription) => [
    ['role assignments of the probe', () => removeAssignments(world, environment, subscription, isProber)],
  ]);
}

/** Removes the roles of publishing with their assignments, and the manual policy. `azd provision` creates again what is still enabled. */
export async function removePublishing(
  world: Removing,
  environment: DeploymentEnvironment,
  subscriptions: readonly string[],
): Promise<number> {
  const code = await runSteps(world, subscriptions, (subscription) => [
    ['role assignments of publishers', () => removeAssignments(world, environment, subscription, isPublisher)],
    ['policy of attestations', () => removePolicy(world, environment, subscription)],
  ]);
  if (code !== 0) return code;
  return runSteps(world, [environment.homeSubscription], (subscription) => [
    ['roles of publishers', () => removeRoles(world, environment, subscription)],
  ]);
}

/** A role that is still assigned cannot be deleted, so its assignments are removed first. */
async function removeRoles(world: Removing, environment: DeploymentEnvironment, subscription: string): Promise<number> {
  const own = (await ownRoles(world, environment, subscription)).filter(({ properties }) => isPublisher(properties.roleName));
  for (const { id } of own) await remove(world, `${id}?api-version=${AUTHORIZATION}`);
  return own.length;
}

function isPublisher(roleName: string): boolean {
  return / (?:Defender Publisher|Attester) /.test(roleName);
}

function isProber(roleName: string): boolean {
  return roleName.includes(' Prober ');
}

/** Assignments of our roles, and of any other role to our identities outside of the group that `azd down` deletes. */
async function removeAssignments(
  world: Removing,
  environment: DeploymentEnvironment,
  subscription: string,
  isMeant?: (roleName: string) => boolean,
): Promise<number> {
  const { homeSubscription, resourceGroup, principals } = environment;
  const own = await ownRoles(world, environment, subscription);
  const roles = new Set(own.filter(({ properties }) => isMeant?.(properties.roleName) ?? true).map(({ name }) => name.toLowerCase()));
  const home = `/subscriptions/${homeSubscription}/resourcegroups/${resourceGroup}/`.toLowerCase();
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleAssignments?api-version=${AUTHORIZATION}`;
  const held = (await list(world, path, assignment)).filter(
    ({ id, properties: { roleDefinitionId, principalId } }) =>
      roles.has(roleDefinitionId.split('/').at(-1)?.toLowerCase() ?? '') ||
      (isMeant === undefined && principals.includes(principalId) && !id.toLowerCase().startsWith(home)),
  );
  for (const { id } of held) await remove(world, `${id}?api-version=${AUTHORIZATION}`);
  return held.length;
}

/** Removes the manual policy of attestations: first its assignment, which also removes every attestation. */
async function removePolicy(world: Removing, { token }: DeploymentEnvironment, subscription: string): Promise<number> {
  let removed = 0;
  for (const type of ['policyAssignments', 'policyDefinitions']) {
    const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/${type}?api-version=${POLICY}`;
    const own = (await list(world, path, resource)).filter(({ name }) => name === `kataudit-${token}`);
    for (const { id } of own) await remove(world, `${id}?api-version=${POLICY}`);
    removed += own.length;
  }
  return removed;
}

async function removeDeployment(world: Removing, { token }: DeploymentEnvironment, subscription: string): Promise<number> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Resources/deployments?api-version=${RESOURCES}`;
  const own = (await list(world, path, resource)).filter(({ name }) => name === `kataudit-events-${token}`);
  for (const { id } of own) await remove(world, `${id}?api-version=${RESOURCES}`);
  return own.length;
}

/** Custom roles whose name contains the token of the deployment. */
async function ownRoles(world: Removing, { token }: DeploymentEnvironment, subscription: string) {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions?api-version=${AUTHORIZATION}&$filter=type eq 'CustomRole'`;
  const roles = await list(world, path, definition);
  return roles.filter(({ properties: { roleName } }) => roleName.startsWith('Kataudit ') && roleName.includes(token));
}

async function removeApplication({ az }: Removing, uri: string): Promise<number> {
  if (uri === '') return 0;
  const shown = await az(['ad', 'app', 'show', '--id', uri, '--output', 'none']);
  if (shown.code !== 0 && /does not exist|doesn't exist|not found/i.test(shown.stderr)) return 0;
  if (shown.code !== 0) throw new Refused(`the application ${uri}: ${reasonOf(shown)}`);
  const removed = await az(['ad', 'app', 'delete', '--id', uri]);
  if (removed.code !== 0) throw new Refused(`the application ${uri}: ${reasonOf(removed)}`);
  return 1;
}

async function list<T>({ az }: Removing, path: string, schema: z.ZodType<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const result = await az(['rest', '--method', 'get', '--uri', next, '--output', 'json']);
    if (result.code !== 0) throw new Refused(reasonOf(result));
    const { value, nextLink } = page.parse(JSON.parse(result.stdout));
    found.push(...value.map((one) => schema.parse(one)));
    next = nextLink ?? undefined;
  }
  return found;
}

/** An object that no longer exists counts as removed. */
async function remove({ az }: Removing, path: string): Promise<void> {
  const result = await az(['rest', '--method', 'delete', '--uri', path, '--output', 'none']);
  if (result.code !== 0 && !/Not ?Found/i.test(result.stderr)) throw new Refused(reasonOf(result));
}
