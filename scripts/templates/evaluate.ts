import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The folder with the parameters of the evaluated deployments, and with the results. */
export const DEPLOYMENTS = 'test/infra/deployments';

const TENANT = '22222222-2222-4222-8222-222222222222';
const HOME = '11111111-1111-4111-8111-111111111111';
const OTHER = '33333333-3333-4333-8333-333333333333';
const AT_HOME = ['--subscription-id', HOME];

/** Each deployment with its scope. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'main-defaults': AT_HOME,
  'main-full': AT_HOME,
  'main-two-subscriptions': AT_HOME,
  'events-defaults': AT_HOME,
  'events-clusters': AT_HOME,
  'events-existing-topic': ['--subscription-id', OTHER],
  'management-group': ['--management-group-id', 'platform'],
};

/** Templates whose parameters are given by people and scripts. */
const TEMPLATES = ['main', 'events', 'roles/management-group'];

/** The Bicep compiler: `BICEP`, or `bicep` of the `PATH`; `undefined` if there is none. */
export function findBicep(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = environment.BICEP;
  if (named !== undefined && named !== '') return named;
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, process.platform === 'win32' ? 'bicep.exe' : 'bicep')).find((file) => existsSync(file));
}

/** Runs the compiler on files of a folder; throws its output if it fails. */
export function runBicep(bicep: string, folder: string, ...words: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(bicep, words, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error !== undefined) throw new Error(`${bicep} cannot be started: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`bicep ${words.join(' ')} failed:\n${stderr}`);
  return { stdout, stderr };
}

/**
 * Evaluates each deployment below a project's root, without Azure: `NAME.snapshot.json` beside its parameters has every resource with
 * its expressions evaluated, `parameters.json` has the parameters of each template. Returns the names of the files.
 */
export function evaluateTemplates(bicep: string, root: string): readonly string[] {
  const folder = resolve(root, DEPLOYMENTS);
  mkdirSync(folder, { recursive: true });
  for (const [name, scope] of Object.entries(SCOPES)) {
    const where = ['--tenant-id', TENANT, ...scope, '--location', 'westeurope', '--deployment-name', 'test'];
    runBicep(bicep, folder, 'snapshot', `${name}.bicepparam`, '--mode', 'overwrite', ...where);
    sortOutputs(join(folder, `${name}.snapshot.json`));
  }
  writeFileSync(join(folder, 'parameters.json'), `${JSON.stringify(parametersOf(bicep, root), undefined, 2)}\n`);
  return globSync('*.json', { cwd: folder }).sort();
}

/** The compiler writes outputs in an order that varies between runs, so they are sorted to keep snapshots comparable. */
function sortOutputs(file: string): void {
  const snapshot = JSON.parse(readFileSync(file, 'utf8'));
  const outputs = Object.entries(snapshot.outputs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify({ ...snapshot, outputs: Object.fromEntries(outputs) }, undefined, 2)}\n`);
}

/** The parameters of each template from its compiled form: type, default, limits, description. */
function parametersOf(bicep: string, root: string): Readonly<Record<string, unknown>> {
  const compiled = TEMPLATES.map((name) => {
    const { stdout } = runBicep(bicep, join(root, 'infra'), 'build', `${name}.bicep`, '--stdout');
    return [name, JSON.parse(stdout).parameters] as const;
  });
  return Object.fromEntries(compiled);
}

/** Every file that the evaluation reads or writes, so that a copy of them can be evaluated too. */
export function templateFiles(root: string): readonly (readonly [path: string, text: string])[] {
  const paths = [...globSync('infra/**/*.{bicep,json}', { cwd: root }), ...globSync(`${DEPLOYMENTS}/*.bicepparam`, { cwd: root })];
  return paths.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')] as const);
}
