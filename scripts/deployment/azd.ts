import { spawnSync } from 'node:child_process';
import { EnvironmentProblem } from './environment.ts';

/** The variables of the azd environment: a hook has them in its environment, other callers get them from `azd env get-values`. */
export function azdVariables(environment: NodeJS.ProcessEnv): Readonly<Record<string, string | undefined>> {
  if (environment.KATAUDIT_DEPLOYMENT_TOKEN !== undefined) return environment;
  const { status, stdout, stderr, error } = spawnSync('azd', ['env', 'get-values'], { encoding: 'utf8', env: environment });
  if (error !== undefined || status !== 0) {
    throw new EnvironmentProblem(`The azd environment cannot be read (azd env get-values): ${error?.message ?? stderr.trim()}`);
  }
  return { ...environment, ...parseValues(stdout) };
}

/** Reads lines of `NAME="value"`, in which a quote and a backslash are escaped. */
export function parseValues(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/).map((line) => /^(?<name>\w+)="(?<value>.*)"$/.exec(line)?.groups);
  return Object.fromEntries(
    lines.flatMap((groups) => (groups === undefined ? [] : [[groups.name ?? '', (groups.value ?? '').replaceAll(/\\(.)/g, '$1')]])),
  );
}
