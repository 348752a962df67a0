import { parseArgs } from 'node:util';
import { realAz } from './deployment/az.ts';
import { azdVariables } from './deployment/azd.ts';
import { EnvironmentProblem, readEnvironment } from './deployment/environment.ts';
import { removeFrom, removeShared } from './deployment/remove.ts';

/**
 * Removes what `azd down` does not know of: azd runs it before. With `--subscription GUID` it takes one subscription out of scope and leaves
 * the rest.
 */
const print = (line: string) => process.stdout.write(`${line}\n`);
try {
  const variables = azdVariables(process.env);
  const { values } = parseArgs({ options: { subscription: { type: 'string' } } });
  const environment = readEnvironment(variables);
  const world = { az: realAz(process.platform, process.env), print };
  const one = values.subscription?.toLowerCase();
  const subscriptions = one === undefined ? [...new Set([...environment.subscriptions, environment.homeSubscription])] : [one];
  const code = await removeFrom(world, environment, subscriptions);
  const all = one === undefined && code === 0;
  process.exitCode = all ? await removeShared(world, environment, variables.KATAUDIT_APPLICATION_ID_URI ?? '') : code;
} catch (error) {
  if (!(error instanceof EnvironmentProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
