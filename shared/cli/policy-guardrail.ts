import { readClasses } from '../compose/command-line/check-manifests.ts';
import { acceptedBy } from '../domain/guardrail/checks.ts';
import { withAksClasses } from '../domain/isolation/aks-classes.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { guardrail } from '../exports/guardrail.ts';
import type { GuardrailFormat } from '../exports/guardrail-formats.ts';
import { RULES } from '../rules/index.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import { STANDARD_INPUT } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';

/** The options of `kataudit policy guardrail`. */
export interface GuardrailOptions {
  readonly policy?: string;
  readonly classes?: readonly string[];
  readonly enforce?: true;
  readonly daemonsets?: true;
  readonly failOn: Severity;
  readonly format?: readonly Wanted<GuardrailFormat>[];
  readonly output?: string;
}

/** Writes the admission policies that match the policy. */
export async function policyGuardrail(
  here: Surroundings,
  { stdin }: { readonly stdin: NodeJS.ReadableStream },
  options: GuardrailOptions,
): Promise<number> {
  const { classes: paths = [], failOn } = options;
  if (options.policy === STANDARD_INPUT && paths.includes(STANDARD_INPUT)) {
    throw new UsageError('Standard input ("-") can be read only once: policy and classes cannot both come from it.');
  }
  const destinations = await destinationsOf(options.format, 'vap', options.output);
  const { policy } = await policyOf(options.policy);
  const classes = withAksClasses(await classesOf(paths, stdin));
  assertAccepted(policy, classes);
  const input = { policy, classes, rules: RULES, failOn, enforce: options.enforce === true, daemonSets: options.daemonsets === true };
  await deliver(here.terminal, destinations, (format) => guardrail(format, input).trimEnd());
  return 0;
}

async function classesOf(paths: readonly string[], stdin: NodeJS.ReadableStream): Promise<readonly RuntimeClass[]> {
  if (paths.length === 0) return [];
  const { classes, problems } = await readClasses(paths, stdin);
  const [problem] = problems;
  if (problem !== undefined) throw new UsageError(problem);
  if (classes.length === 0) throw new UsageError(`There is no RuntimeClass in ${paths.join(', ')}.`);
  return classes;
}

/** An entry that accepts no class would refuse every pod that it covers. */
function assertAccepted({ workloads }: Policy, classes: readonly RuntimeClass[]): void {
  if (workloads.length === 0) throw new UsageError('The policy requires a sandbox for no workload, so there is nothing to refuse.');
  const without = workloads.find((one) => acceptedBy([one], classes).length === 0);
  if (without === undefined) return;
  const handlers = without.acceptedHandlers?.join(', ') ?? '';
  throw new UsageError(
    `No RuntimeClass has a handler that "${without.name}" accepts (${handlers}). Give the classes of the clusters with --classes.`,
  );
}
