import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { run } from '../support/command.ts';
import { MODULES_FILE, MODULES_OF, RECORD_MODULES } from '../support/record-modules.ts';

/** Packages that need much time or memory to load: tens of milliseconds and megabytes each. */
const HEAVY = ['@kubernetes/client-node', '@azure/', '@opentelemetry/', 'protobufjs', 'undici', 'zod'];

let running: RunningEstate;
let folder: string;
let surroundings: Readonly<Record<string, string>>;
beforeAll(async () => {
  const estate = defaultEstate('loaded packages', new Date());
  running = await startEstate({ ...estate, subscriptions: estate.subscriptions.slice(0, 1) });
  folder = await mkdtemp(join(tmpdir(), 'kataudit-loaded-'));
  await writeFile(join(folder, 'config'), running.kubeconfigFor('pay-prod-neu'));
  await writeFile(join(folder, 'ca.pem'), running.caPem);
  await writeFile(join(folder, 'pod.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n');
  surroundings = {
    KUBECONFIG: join(folder, 'config'),
    KATAUDIT_ARM_ENDPOINT: running.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: running.token,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
  };
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The heavy packages that a command loaded. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const file = join(folder, 'modules');
  await writeFile(file, '');
  await run(args, { ...surroundings, NODE_OPTIONS: RECORD_MODULES, [MODULES_FILE]: file, [MODULES_OF]: 'main' });
  const urls = (await readFile(file, 'utf8')).split('\n');
  const packages = urls.flatMap((url) => /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  expect(urls.join()).toContain('/shared/cli/commands/');
  return [...new Set(packages)].filter((name) => HEAVY.some((heavy) => name.startsWith(heavy))).sort();
}

it.each([
  ['--version', []],
  ['--help', []],
  ['rules', []],
  ['policy init', ['zod']],
  ['audit', ['protobufjs', 'zod']],
  ['collect --output FOLDER/look.json', ['protobufjs', 'zod']],
  ['evaluate FOLDER/look.json', ['zod']],
  ['check FOLDER/pod.yaml', ['protobufjs', 'zod']],
])('%s loads only these heavy packages: %j', async (line, expected) => {
  expect(await loadedBy(line.replace('FOLDER', folder).split(' '))).toEqual(expected);
});

it('an audit through Azure loads the packages that list and read clusters, and with a given token neither the identity library nor storage', async () => {
  const [subscription] = running.estate.subscriptions;
  const loaded = await loadedBy(['audit', '--subscription', subscription?.id ?? '']);

  expect(loaded).toEqual(expect.arrayContaining(['@azure/arm-containerservice', '@azure/arm-resourcegraph', 'protobufjs']));
  const unwanted = /^@kubernetes\/|^@azure\/(?:identity|msal|data-tables|storage|monitor|functions)|^@opentelemetry\//;
  expect(loaded.filter((name) => unwanted.test(name))).toEqual([]);
});
