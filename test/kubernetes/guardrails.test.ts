import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GUARDED_RULES } from '../../shared/domain/guardrail/checks.ts';
import { guardrailDigest } from '../../shared/domain/guardrail/digest.ts';
import { ORIGIN, validatingObjects } from '../../shared/domain/guardrail/objects.ts';
import { originOf } from '../../shared/domain/guardrail/terms.ts';
import { withAksClasses } from '../../shared/domain/isolation/aks-classes.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { readGuardrails } from '../../shared/kubernetes/guardrails.ts';
import type { Lists } from '../../shared/kubernetes/pods/list.ts';
import type { Resource } from '../../shared/kubernetes/wire/resources.ts';

const TERMS = { policy: DEFAULT_POLICY, classes: withAksClasses([]), rules: GUARDED_RULES, daemonSets: false };
const [POLICY, BINDING] = validatingObjects(TERMS, { enforce: true, messageOf: (id) => id });
const NAME = 'kataudit-guardrail';

/** The objects of an API server, by the last part of a list's path; what is absent is not served. */
type Held = Readonly<Record<string, readonly unknown[] | Fault>>;
const SERVED: Held = {
  validatingadmissionpolicies: [POLICY],
  validatingadmissionpolicybindings: [BINDING],
  mutatingadmissionpolicies: [],
  mutatingadmissionpolicybindings: [],
};

function listsOf(held: Held): Lists {
  return {
    async *pages<T>({ path, fromJson }: Resource<T>) {
      const items = held[path.split('/').at(-1) ?? ''] ?? new Fault('not-found', 'Not served.');
      if (items instanceof Fault) throw items;
      const read = { items: () => items.map(fromJson), walk: () => false };
      yield { resourceVersion: '1', next: undefined, remaining: undefined, length: items.length, ...read };
    },
    stream: () => Promise.reject(new Error('Admission policies are not streamed.')),
    whyNotStreamed: async () => undefined,
    putOff: 0,
  };
}

const read = (over: Held = {}) => readGuardrails(listsOf({ ...SERVED, ...over }), AbortSignal.timeout(1_000));
const withNote = (note: string | undefined) => {
  const annotations = note === undefined ? undefined : { [ORIGIN]: note };
  return { validatingadmissionpolicies: [{ ...POLICY, metadata: { ...POLICY.metadata, annotations } }] };
};
const bindings = (...specs: readonly object[]) => ({
  validatingadmissionpolicybindings: specs.map((spec, at) => ({ metadata: { name: `b${at}` }, spec: { policyName: NAME, ...spec } })),
});
const denies = (matchResources: unknown, over = {}) => bindings({ validationActions: ['Deny'], matchResources, ...over });

describe('the guardrails of a cluster', () => {
  it("are those with Kataudit's names, with their actions, annotation and binding", async () => {
    const foreign = { ...POLICY, metadata: { name: 'azurepolicy-x' } };
    expect(await read({ validatingadmissionpolicies: [foreign, POLICY] })).toEqual([
      {
        name: NAME,
        kind: 'validating',
        digest: guardrailDigest(POLICY.spec),
        origin: originOf(TERMS),
        bindings: [{ name: NAME, actions: ['Deny', 'Audit'], narrowed: false }],
      },
    ]);
  });

  it.each([
    ['kataudit-runtime-class', 1],
    ['kataudit-runtime-class-2', 1],
    ['kataudit-runtime-classic', 0],
    ['other', 0],
  ])('with the name %s that set classes count as %i', async (name, count) => {
    const one = { metadata: { name }, spec: { failurePolicy: 'Fail' } };
    const bound = { metadata: { name: 'b' }, spec: { policyName: name } };
    const held = await read({ mutatingadmissionpolicies: [one], mutatingadmissionpolicybindings: [bound] });
    const mutating = held.filter(({ kind }) => kind === 'mutating');
    expect(mutating.map(({ bindings }) => bindings)).toEqual(Array(count).fill([{ name: 'b', actions: [], narrowed: false }]));
  });

  it('have the same digest for any messages, and a different one for every other change', async () => {
    const digestOf = async (spec: object) => (await read({ validatingadmissionpolicies: [{ ...POLICY, spec }] }))[0]?.digest;
    const [reworded] = validatingObjects(TERMS, { enforce: true, messageOf: () => 'In other words.' });
    expect(await digestOf(reworded.spec)).toBe(guardrailDigest(POLICY.spec));
    const changes = [
      { failurePolicy: 'Ignore' },
      { matchConditions: [...POLICY.spec.matchConditions, { name: 'never', expression: 'false' }] },
      { validations: POLICY.spec.validations.slice(1) },
      { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
      { matchConstraints: { ...POLICY.spec.matchConstraints, objectSelector: { matchLabels: { a: 'b' } } } },
    ];
    for (const change of changes) expect(await digestOf({ ...POLICY.spec, ...change })).not.toBe(guardrailDigest(POLICY.spec));
  });

  it.each([
    ['none', undefined],
    ['no JSON', '{'],
    ['another shape', '{"classes":{}}'],
    ['an endless list', JSON.stringify({ ...originOf(TERMS), classes: Array(1_001).fill({ name: 'a', handler: 'kata' }) })],
  ])('have no origin when their annotation is %s', async (_, note) => {
    expect((await read(withNote(note)))[0]).not.toHaveProperty('origin');
  });

  it.each<[string, object, boolean]>([
    ['nothing more', denies(undefined), false],
    ['the defaults of the API server', denies({ matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }), false],
    ['some namespaces', denies({ namespaceSelector: { matchLabels: { a: 'b' } } }), true],
    ['namespaces by an expression', denies({ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }), true],
    ['some objects', denies({ objectSelector: { matchLabels: { a: 'b' } } }), true],
    ['some kinds', denies({ resourceRules: [{ resources: ['pods'] }] }), true],
    ['excluded objects', denies({ excludeResourceRules: [{ resources: ['pods'] }] }), true],
    ['exact versions', denies({ matchPolicy: 'Exact' }), true],
    ['a parameter', denies(undefined, { paramRef: { name: 'x' } }), true],
    ['an empty parameter', denies(undefined, { paramRef: null }), false],
  ])('are bound partly when the binding contains %s', async (_, held, narrowed) => {
    expect((await read(z.record(z.string(), z.array(z.unknown())).parse(held)))[0]?.bindings).toEqual([
      { name: 'b0', actions: ['Deny'], narrowed },
    ]);
  });

  it('keep the binding that denies, however many others there are', async () => {
    const many = Array.from({ length: 30 }, () => ({ validationActions: ['Warn'] }));
    const [guardrail] = await read(bindings(...many, { validationActions: ['Deny'] }));
    expect(guardrail?.bindings).toHaveLength(20);
    expect(guardrail?.bindings[0]).toEqual({ name: 'b30', actions: ['Deny'], narrowed: false });
  });

  it('are not bound by the binding of another policy', async () => {
    expect((await read(bindings({ policyName: 'other', validationActions: ['Deny'] })))[0]?.bindings).toEqual([]);
  });

  it('set no classes when the API server does not support mutating policies (before Kubernetes 1.36)', async () => {
    const { mutatingadmissionpolicies: _, mutatingadmissionpolicybindings: __, ...older } = SERVED;
    expect(await readGuardrails(listsOf(older), AbortSignal.timeout(1_000))).toHaveLength(1);
  });

  it.each(Object.keys(SERVED))('are unknown when %s may not be listed', async (plural) => {
    await expect(read({ [plural]: new Fault('denied', 'Forbidden.') })).rejects.toMatchObject({ code: 'denied' });
  });

  it('are unknown when the API server does not support validating policies', async () => {
    await expect(read({ validatingadmissionpolicies: new Fault('not-found', 'Not served.') })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('Kubernetes 1.30'),
    });
  });
});
