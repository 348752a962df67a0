import { parseArgs } from 'node:util';
import { realAz } from './deployment/az.ts';
import { azdVariables } from './deployment/azd.ts';
import { EnvironmentProblem, readEnvironment } from './deployment/environment.ts';
import { removeFrom, removeProbeRights, removePublishing, removeShared } from './deployment/remove.ts';

/**
 * Removes what `azd down` does not know; azd runs it before. With `--subscription GUID` it removes only what is in one subscription,
 * with `--probe` only the rights of the probe, with `--publishing` only the roles and the policy of publishing.
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
