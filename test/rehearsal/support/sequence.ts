import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signIn } from './az-home.ts';
import { hookLine, provision, type Variables } from './azd.ts';
import { packCode } from './deploy-code.ts';
import { evaluator } from './evaluate.ts';
import { runnableLines, wordsOf } from './guide.ts';
import { printedCommands } from './printed.ts';
import { HOME, OTHER, type StandIn, startStandIn } from './stand-in.ts';
import { runLine, type Step } from './step.ts';

/** The programs and inputs of a rehearsal. */
export interface Rehearsal {
  readonly root: string;
  readonly az: string;
  readonly bicep: string;
  /** Called with each step, to print it. */
  readonly say: (line: string) => void;
}

/** The result of a rehearsal. */
export interface Report {
  readonly steps: readonly Step[];
  readonly unknown: readonly string[];
  /** Ids of Kataudit's resources after everything was subscribed, and after everything was removed. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const CLUSTER = `/subscriptions/${OTHER}/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one`;
const VAULT = `/subscriptions/${OTHER}/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/kv-shared`;
const GIVEN: Variables = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'westeurope',
  KATAUDIT_SUBSCRIPTIONS: `${HOME},${OTHER}`,
  KATAUDIT_EVENT_CLUSTERS: CLUSTER,
  KATAUDIT_PROBE: 'exec',
  KATAUDIT_PROBE_SCOPES: CLUSTER,
  KATAUDIT_REFERENCED_VAULT_ID: VAULT,
  KATAUDIT_EVIDENCE_KEY: 'true',
  KATAUDIT_DEFENDER: 'on',
  KATAUDIT_ATTESTATIONS: 'on',
};

/** Runs `azd up`, each line of the guide, and `azd down`, with the real Azure CLI and compiler against the simulated Azure; each step twice. */
export async function rehearse({ root, az, bicep, say }: Rehearsal): Promise<Report> {
  const standIn = await startStandIn(evaluator(bicep, root));
  const folder = mkdtempSync(join(tmpdir(), 'kataudit-az-'));
  const steps: Step[] = [];
  const note = (step: Step) => {
    steps.push(step);
    say(`${step.code === 0 ? 'ok  ' : `exit ${step.code}`} ${step.what}`);
    for (const line of step.output.split('\n').filter((one) => one !== '')) say(`       ${line}`);
  };
  try {
    const home = await signIn(folder, az, bicep, standIn);
    say('azd provision');
    const variables = provision(root, bicep, GIVEN, standIn.state);
    const hook = async (name: string) => note(await runLine(root, hookLine(root, name), { ...home.environment, ...variables }));
    say('azd deploy');
    const packed = await packCode(root, home.environment);
    note(packed.step);
    sendCode(standIn, variables, packed.functions);
    await hook('postdeploy');
    await hook('postdeploy');
    for (const line of runnableLines(root)) {
      for (const _ of ['once', 'twice']) {
        const { code, stderr } = await home.az(wordsOf(line, valuesOf(variables)));
        note({ what: line, code, output: stderr });
      }
    }
    say('what findings and the doctor print');
    for (const { line, words, again } of await printedCommands(standIn.state)) {
      for (const time of ['once', 'twice']) {
        const { code, stderr } = await home.az(words);
        note({ what: line, code: time === 'twice' && again?.test(stderr) ? 0 : code, output: stderr });
      }
    }
    const before = own(standIn, variables);
    await hook('predown');
    await hook('predown');
    return { steps, unknown: standIn.unknown, before, after: own(standIn, variables) };
  } finally {
    await standIn.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Uploads the package: the platform knows its functions once it has read the triggers. */
function sendCode({ state }: StandIn, variables: Variables, functions: readonly string[]): void {
  const site = `/subscriptions/${HOME}/resourceGroups/${variables.AZURE_RESOURCE_GROUP}/providers/Microsoft.Web/sites/${variables.SERVICE_API_NAME}`;
  for (const name of functions) {
    const id = `${site}/functions/${name}`;
    state.set(id.toLowerCase(), { id });
  }
}

function valuesOf(variables: Variables): Variables {
  const group = variables.AZURE_RESOURCE_GROUP ?? '';
  return {
    HOME,
    GUID: OTHER,
    GROUP: group,
    APP: variables.SERVICE_API_NAME ?? '',
    REGION: 'westeurope',
    TOKEN: variables.KATAUDIT_DEPLOYMENT_TOKEN ?? '',
    IDENTITY: variables.KATAUDIT_IDENTITY_ID ?? '',
    MANAGEMENTGROUP: 'platform',
    ROLE: `Kataudit Auditor (${variables.KATAUDIT_DEPLOYMENT_TOKEN}, management group platform)`,
    NETWORK: 'vnet-app',
    NETWORKID: `/subscriptions/${HOME}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/vnet-hub`,
    ZONE: 'x.privatelink.westeurope.azmk8s.io',
  };
}

/** The resources with the token of the deployment that are not in the group that azd deletes. */
function own({ state }: StandIn, { KATAUDIT_DEPLOYMENT_TOKEN: token = '' }: Variables): readonly string[] {
  const home = `/subscriptions/${HOME}/resourcegroups/rg-prod`;
  const roles = [...state]
    .filter(([, { properties }]) => JSON.stringify(properties ?? {}).includes(`${token})`))
    .map(([id]) => id.split('/').at(-1) ?? '');
  const isOwn = (id: string, held: object) =>
    id.includes(token) ||
    roles.some((role) => JSON.stringify(held).includes(role)) ||
    JSON.stringify(held).includes('"principal-of-id-kataudit-') ||
    id.startsWith(`/subscriptions/${OTHER}/resourcegroups/rg-prod`);
  return [...state]
    .filter(([id, held]) => !id.startsWith(home) && !id.includes('/managementgroups/') && isOwn(id, held))
    .map(([id]) => id)
    .sort();
}
