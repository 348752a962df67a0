/** The variables of an azd environment that the scripts use. */
export interface DeploymentEnvironment {
  readonly environmentName: string;
  readonly location: string;
  readonly homeSubscription: string;
  readonly resourceGroup: string;
  readonly appName: string;
  readonly token: string;
  readonly storageAccount: string;
  readonly eventIdentityId: string;
  /** Subscriptions whose events the app receives. */
  readonly subscriptions: readonly string[];
  /** Subscriptions that may contain only role assignments: those of probed clusters, and that of the vault that settings refer to. */
  readonly rightsIn: readonly string[];
  /** Object ids of the app's identities. */
  readonly principals: readonly string[];
  /** Clusters whose own events the app receives. */
  readonly clusters: readonly string[];
  /** Existing system topics, by subscription id or by the cluster's id in lower case. */
  readonly topics: ReadonlyMap<string, string>;
  readonly managementGroups: readonly string[];
}

/** Why a script cannot start: invalid variables, or a missing program. */
export class EnvironmentProblem extends Error {}

type Variables = Readonly<Record<string, string | undefined>>;

const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const SUBSCRIPTION = new RegExp(`^${GUID}$`);
const GROUP = '[\\w().-]+';
const CLUSTER = new RegExp(
  `^/subscriptions/${GUID}/resourceGroups/${GROUP}/providers/Microsoft\\.ContainerService/managedClusters/[\\w-]+$`,
  'i',
);
const TOPIC = new RegExp(`^/subscriptions/${GUID}/resourceGroups/${GROUP}/providers/Microsoft\\.EventGrid/systemTopics/[\\w-]+$`, 'i');
const IDENTITY = new RegExp(
  `^/subscriptions/${GUID}/resourceGroups/${GROUP}/providers/Microsoft\\.ManagedIdentity/userAssignedIdentities/[\\w-]+$`,
  'i',
);

const NEEDED: Readonly<Record<string, readonly [pattern: RegExp, what: string]>> = {
  AZURE_ENV_NAME: [/^[\w-]{1,64}$/, 'the name of the azd environment'],
  AZURE_LOCATION: [/^[a-z0-9]+$/, 'a region such as westeurope'],
  AZURE_SUBSCRIPTION_ID: [SUBSCRIPTION, 'the id (GUID) of the subscription that Kataudit is deployed to'],
  AZURE_RESOURCE_GROUP: [new RegExp(`^${GROUP}$`), 'the name of a resource group'],
  SERVICE_API_NAME: [/^[A-Za-z0-9-]+$/, 'the name of the function app'],
  KATAUDIT_DEPLOYMENT_TOKEN: [/^[a-z0-9]{13}$/, 'the 13 letters and digits that main.bicep outputs'],
  KATAUDIT_STORAGE_ACCOUNT: [/^[a-z0-9]{3,24}$/, 'the name of a storage account'],
  KATAUDIT_EVENT_IDENTITY_ID: [IDENTITY, 'the ARM id of a managed identity'],
};

/** Reads the variables; throws one `EnvironmentProblem` that names every one that is missing or malformed. */
export function readEnvironment(variables: Variables): DeploymentEnvironment {
  const problems: string[] = [];
  const value = (name: string): string => {
    const given = variables[name]?.trim() ?? '';
    const [pattern, what] = NEEDED[name] ?? [/^/, ''];
    if (!pattern.test(given))
      problems.push(given === '' ? `${name} is not set; expected ${what}` : `${name} is ${JSON.stringify(given)}; expected ${what}`);
    return given;
  };
  const list = (name: string, pattern: RegExp, what: string): readonly string[] => {
    const entries = entriesOf(variables[name]);
    for (const entry of entries.filter((one) => !pattern.test(one)))
      problems.push(`${name} has ${JSON.stringify(entry)}; expected ${what}`);
    return entries;
  };
  if (variables.KATAUDIT_AUDITED_SUBSCRIPTIONS === undefined)
    problems.push('KATAUDIT_AUDITED_SUBSCRIPTIONS is not set; run `azd provision` first');
  const ids = 'ids (GUIDs) of subscriptions, separated by commas';
  const audited = list('KATAUDIT_AUDITED_SUBSCRIPTIONS', SUBSCRIPTION, ids);
  const wanted = list('KATAUDIT_EVENT_SUBSCRIPTIONS', SUBSCRIPTION, ids);
  const environment: DeploymentEnvironment = {
    environmentName: value('AZURE_ENV_NAME'),
    location: value('AZURE_LOCATION'),
    homeSubscription: value('AZURE_SUBSCRIPTION_ID').toLowerCase(),
    resourceGroup: value('AZURE_RESOURCE_GROUP'),
    appName: value('SERVICE_API_NAME'),
    token: value('KATAUDIT_DEPLOYMENT_TOKEN'),
    storageAccount: value('KATAUDIT_STORAGE_ACCOUNT'),
    eventIdentityId: value('KATAUDIT_EVENT_IDENTITY_ID'),
    subscriptions: [...new Set([...audited, ...wanted].map((id) => id.toLowerCase()))],
    rightsIn: [
      ...new Set(entriesOf([variables.KATAUDIT_PROBE_SCOPES, variables.KATAUDIT_REFERENCED_VAULT_ID].join(',')).map(subscriptionOf)),
    ],
    principals: entriesOf([variables.KATAUDIT_IDENTITY_PRINCIPAL_ID, variables.KATAUDIT_PROBE_PRINCIPAL_ID].join(',')),
    clusters: list('KATAUDIT_EVENT_CLUSTERS', CLUSTER, 'ARM ids of clusters, separated by commas'),
    topics: topicsOf(variables.KATAUDIT_EXISTING_TOPICS, problems),
    managementGroups: entriesOf(variables.KATAUDIT_MANAGEMENT_GROUPS),
  };
  problems.push(...strayClusters(environment));
  if (problems.length > 0)
    throw new EnvironmentProblem(`The environment cannot be used:\n${problems.map((one) => `  - ${one}`).join('\n')}`);
  return environment;
}

/** The subscription of an ARM id. */
export function subscriptionOf(id: string): string {
  return (id.split('/')[2] ?? '').toLowerCase();
}

/** An existing topic is given by its source and its ARM id, which contains its resource group. */
function topicsOf(text: string | undefined, problems: string[]): ReadonlyMap<string, string> {
  const expected = 'SOURCE=TOPIC, a subscription id or the ARM id of a cluster and the ARM id of its system topic';
  const topics = new Map<string, string>();
  for (const entry of entriesOf(text)) {
    const [source = '', topic = '', more] = entry.split('=');
    const known = SUBSCRIPTION.test(source) || CLUSTER.test(source);
    if (!known || !TOPIC.test(topic) || more !== undefined)
      problems.push(`KATAUDIT_EXISTING_TOPICS has ${JSON.stringify(entry)}; expected ${expected}`);
    const home = SUBSCRIPTION.test(source) ? source.toLowerCase() : subscriptionOf(source);
    if (known && TOPIC.test(topic) && home !== subscriptionOf(topic)) {
      problems.push(
        `KATAUDIT_EXISTING_TOPICS has a topic for ${source} in another subscription; a system topic is in the subscription of its source`,
      );
    }
    topics.set(source.toLowerCase(), topic);
  }
  return topics;
}

function strayClusters({ clusters, subscriptions, topics }: DeploymentEnvironment): readonly string[] {
  const without = clusters.filter((id) => !subscriptions.includes(subscriptionOf(id)));
  const named = new Set([...subscriptions, ...clusters.map((id) => id.toLowerCase())]);
  return [
    ...without.map(
      (id) =>
        `KATAUDIT_EVENT_CLUSTERS has ${id}, whose subscription is not among those with events; add it to KATAUDIT_EVENT_SUBSCRIPTIONS`,
    ),
    ...[...topics.keys()]
      .filter((source) => !named.has(source))
      .map((source) => `KATAUDIT_EXISTING_TOPICS has a topic for ${source}, whose events are not requested`),
  ];
}

function entriesOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
}
