import { parseArgs } from 'node:util';
import { realAz } from './deployment/az.ts';
import { azdVariables } from './deployment/azd.ts';
import { EnvironmentProblem, readEnvironment } from './deployment/environment.ts';
import { removeFrom, removeProbeRights, removePublishing, removeShared } from './deployment/remove.ts';

/**
 * Removes what `azd down` does not know of: azd runs it before. With `--subscription GUID` it takes one subscription out of scope and leaves
 * the rest, with `--probe` it takes away what the probe may do and nothing else, with `--publishing` what telling other services took.
 */
const print = (line: string) => process.stdout.write(`${line}\n`);
try {
  const variables = azdVariables(process.env);
  const { values } = parseArgs({
    options: {
      subscription: { type: 'string' },
      probe: { type: 'boolean', default: false },
      publishing: { type: 'boolean', default: false },
    },
  });
  const environment = readEnvironment(variables);
  const world = { az: realAz(process.platform, process.env), print };
  const one = values.subscription?.toLowerCase();
  const { subscriptions: audited, rightsIn, homeSubscription } = environment;
  const subscriptions = one === undefined ? [...new Set([...audited, ...rightsIn, homeSubscription])] : [one];
  const code = await (values.probe ? removeProbeRights : values.publishing ? removePublishing : removeFrom)(
    world,
    environment,
    subscriptions,
  );
  const all = one === undefined && !values.probe && !values.publishing && code === 0;
  process.exitCode = all ? await removeShared(world, environment, variables.KATAUDIT_APPLICATION_ID_URI ?? '') : code;
} catch (error) {
  if (!(error instanceof EnvironmentProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
