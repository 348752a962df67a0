import { z } from 'zod';
import { guardrailDigest } from '../domain/guardrail/digest.ts';
import { MUTATION_NAME } from '../domain/guardrail/mutation.ts';
import { ORIGIN } from '../domain/guardrail/objects.ts';
import { VALIDATION_NAME } from '../domain/guardrail/validation.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Guardrail, GuardrailBinding, GuardrailOrigin } from '../domain/snapshot/guardrail.ts';
import { parseJson } from '../domain/text/json.ts';
import { boundedName } from './bounds.ts';
import { type Lists, readAll } from './pods/list.ts';
import type { AdmissionBinding, AdmissionPolicy } from './wire/admission.ts';
import { ADMISSION, type Resource } from './wire/resources.ts';

/** Maximum number of reported bindings of one policy, which bounds the size of a report. */
const MAX_BINDINGS = 20;

/** Reads the admission policies with the names of Kataudit's policies, and their bindings. */
export async function readGuardrails(lists: Lists, abortSignal: AbortSignal): Promise<readonly Guardrail[]> {
  return (await both(validating(lists, abortSignal), mutating(lists, abortSignal))).flat();
}

async function validating(lists: Lists, abortSignal: AbortSignal): Promise<readonly Guardrail[]> {
  const read = await served(() => readBoth(lists, 'validating', abortSignal));
  if (read !== undefined) return read.filter(({ name }) => name === VALIDATION_NAME);
  throw new Fault('unsupported', 'The API server has no ValidatingAdmissionPolicies: they require Kubernetes 1.30.');
}

/** They exist since Kubernetes 1.36; a server without the API has none. */
async function mutating(lists: Lists, abortSignal: AbortSignal): Promise<readonly Guardrail[]> {
  const read = await served(() => readBoth(lists, 'mutating', abortSignal));
  return (read ?? []).filter(({ name }) => name === MUTATION_NAME || name.startsWith(`${MUTATION_NAME}-`));
}

async function readBoth(lists: Lists, kind: Guardrail['kind'], abortSignal: AbortSignal): Promise<readonly Guardrail[]> {
  const all = <T>(resource: Resource<T>) => readAll(lists, resource, abortSignal);
  const { policies, bindings } = ADMISSION[kind];
  const [held, bound] = await both(all(policies), all(bindings));
  return held.map((policy) => toGuardrail(kind, policy, bound));
}

/** Waits for both. If both fail, the first argument's error is thrown, so that the message does not depend on timing. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  const [first, second] = await Promise.allSettled([a, b]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

async function served<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Fault && error.code === 'not-found') return undefined;
    throw error;
  }
}

function toGuardrail(kind: Guardrail['kind'], { metadata, spec }: AdmissionPolicy, bound: readonly AdmissionBinding[]): Guardrail {
  const origin = originIn(metadata.annotations?.[ORIGIN]);
  return {
    name: boundedName(metadata.name),
    kind,
    digest: guardrailDigest(spec),
    ...(origin === undefined ? {} : { origin }),
    bindings: bound
      .filter((binding) => binding.spec.policyName === metadata.name)
      .map(toBinding)
      // Bindings that deny come first, so that the limit never hides them.
      .sort((one, other) => Number(other.actions.includes('Deny')) - Number(one.actions.includes('Deny')))
      .slice(0, MAX_BINDINGS),
  };
}

function toBinding({ metadata, spec }: AdmissionBinding): GuardrailBinding {
  return { name: boundedName(metadata.name), actions: spec.validationActions ?? [], narrowed: isNarrowed(spec) };
}

function isNarrowed({ paramRef, matchResources }: AdmissionBinding['spec']): boolean {
  if (paramRef !== null && paramRef !== undefined) return true;
  if (matchResources === null || matchResources === undefined) return false;
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = matchResources;
  const selects = [namespaceSelector, objectSelector].some(
    (one) => Object.keys(one?.matchLabels ?? {}).length + (one?.matchExpressions ?? []).length > 0,
  );
  return selects || matchPolicy === 'Exact' || (resourceRules ?? []).length + (excludeResourceRules ?? []).length > 0;
}

const MAX_CLASSES = 1_000;
const originJson = z.object({
  classes: z.array(z.object({ name: z.string().max(253), handler: z.string().max(253) })).max(MAX_CLASSES),
  rules: z.array(z.string().max(100)).max(100),
  daemonSets: z.boolean(),
});

/** Parses the annotation with the policy's origin; anybody can write one, so it may be invalid. */
function originIn(note = ''): GuardrailOrigin | undefined {
  return originJson.safeParse(parseJson(note)).data;
}
