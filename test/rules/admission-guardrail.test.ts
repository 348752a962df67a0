import { GUARDED_RULES } from '../../shared/domain/guardrail/checks.ts';
import { guardrailDigest } from '../../shared/domain/guardrail/digest.ts';
import { mutationsOf } from '../../shared/domain/guardrail/mutation.ts';
import { type GuardrailTerms, originOf } from '../../shared/domain/guardrail/terms.ts';
import { validationOf } from '../../shared/domain/guardrail/validation.ts';
import { withAksClasses } from '../../shared/domain/isolation/aks-classes.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { GUARDRAILS_NOT_ASKED, type Guardrail } from '../../shared/domain/snapshot/guardrail.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { admissionGuardrail } from '../../shared/rules/admission-guardrail.ts';
import { aCluster, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const TERMS: GuardrailTerms = { policy: DEFAULT_POLICY, classes: withAksClasses([]), rules: GUARDED_RULES, daemonSets: false };
const NAME = 'kataudit-guardrail';
/** Two entries that accept different classes, so that two policies set them. */
const TWO = {
  workloads: [
    { name: 'any', namespaces: ['a'] },
    { name: 'confidential', namespaces: ['b'], acceptedHandlers: ['kata-cc'] },
  ],
};
const DENY = { name: NAME, actions: ['Deny', 'Audit'], narrowed: false };

const validating = (terms: Partial<GuardrailTerms> = {}, over: Partial<Guardrail> = {}): Guardrail => {
  const all = { ...TERMS, ...terms };
  return { name: NAME, kind: 'validating', digest: guardrailDigest(validationOf(all)), origin: originOf(all), bindings: [DENY], ...over };
};
const mutating = (over: Partial<Guardrail> = {}): Guardrail => ({
  name: 'kataudit-runtime-class',
  kind: 'mutating',
  digest: guardrailDigest({ ...mutationsOf(TERMS)[0]?.spec }),
  origin: originOf(TERMS),
  bindings: [{ name: 'kataudit-runtime-class', actions: [], narrowed: false }],
  ...over,
});
const withNone = ({ origin: _, ...guardrail }: Guardrail): Guardrail => guardrail;
const has = (...guardrails: readonly Guardrail[]) => ({ guardrails: observed(guardrails) });
const bound = (...bindings: Guardrail['bindings']) => has(validating({}, { bindings }));
const says = (verdict: string) => ({ cluster: verdict });
const fails = (name: string, over: object, message: RegExp, severity: 'medium' | 'low' = 'medium') => ({
  name: `fails ${name}`,
  over,
  says: says('fail'),
  severity,
  message,
});

testRule(admissionGuardrail, [
  { name: 'passes a matching one that denies', over: has(validating()), says: says('pass') },
  { name: 'passes one with other bindings that only warn', over: bound({ ...DENY, actions: ['Warn'] }, DENY), says: says('pass') },
  { name: 'passes one that also judges DaemonSets', over: has(validating({ daemonSets: true })), says: says('pass') },
  {
    name: 'passes one that leaves less severe rules to the audit',
    over: has(validating({ rules: ['workload-sandboxed'] })),
    says: says('pass'),
    facts: {
      bindings: ['kataudit-guardrail: Deny, Audit'],
      refuses: ['workload-sandboxed'],
      leftToTheAudit: GUARDED_RULES.filter((id) => id !== 'workload-sandboxed'),
    },
  },
  {
    name: 'leaves nothing to the audit where it refuses every rule',
    over: has(validating()),
    says: says('pass'),
    facts: { leftToTheAudit: [] },
  },
  {
    name: 'leaves to the audit no rule that is off',
    over: has(validating({ rules: ['workload-sandboxed'] })),
    policy: { rules: Object.fromEntries(GUARDED_RULES.slice(1).map((id) => [id, 'off'])) },
    says: says('pass'),
    facts: { leftToTheAudit: [] },
  },
  { name: 'passes one that also sets classes', over: has(mutating(), validating()), says: says('pass') },
  {
    name: 'passes one together with each of those that set classes',
    over: has(
      validating({ policy: TWO }),
      ...mutationsOf({ ...TERMS, policy: TWO }).map(({ name, spec }) => mutating({ name, digest: guardrailDigest({ ...spec }) })),
    ),
    policy: TWO,
    says: says('pass'),
  },
  { name: 'judges a cluster without an entry in the policy', over: has(validating()), policy: { clusters: [] }, says: says('pass') },
  {
    name: 'passes one with classes that this cluster does not have',
    over: has(validating({ classes: [...TERMS.classes, { name: 'elsewhere', handler: 'kata' }] })),
    says: says('pass'),
  },
  {
    ...fails('a cluster without one', has(), /has no ValidatingAdmissionPolicy kataudit-guardrail\.$/),
    remediation:
      /runtimeclasses\.node\.k8s\.io \| kataudit policy guardrail --policy policy\.yaml --classes - --enforce \| kubectl apply --context shop/,
  },
  fails('one that only sets classes', has(mutating()), /sets classes but refuses nothing/),
  fails('one that only warns', bound({ ...DENY, actions: ['Warn', 'Audit'] }), /only warns/, 'low'),
  fails('one without a binding', bound(), /no binding/),
  fails('one whose binding leaves objects out', bound({ ...DENY, narrowed: true }), /its binding kataudit-guardrail excludes some objects/),
  fails('one of another policy', has(validating({ policy: { workloads: [{ name: 'w', namespaces: ['x'] }] } })), /another policy/),
  fails('one that was changed by hand', has(validating({}, { digest: 'f'.repeat(64) })), /changed since/),
  fails(
    'one that claims rules that it does not contain',
    has(validating({}, { origin: { ...originOf(TERMS), rules: ['workload-sandboxed'] } })),
    /changed since/,
  ),
  {
    ...fails('one without a note', has(withNone(validating())), /no readable annotation/),
    facts: { refuses: [], leftToTheAudit: [...GUARDED_RULES] },
  },
  fails('one without the rule that matters', has(validating({ rules: ['sandboxed-pod-privileged'] })), /must be sandboxed and is not/),
  {
    ...fails('one by a rule that is off', has(validating()), /sandboxed-pod-privileged, which the policy turns off/),
    policy: { rules: { 'sandboxed-pod-privileged': 'off' } },
  },
  fails(
    'one that does not know a class of the cluster',
    { ...has(validating()), runtimeClasses: observed([aRuntimeClass({ name: 'vault' })]) },
    /does not know the RuntimeClass vault/,
  ),
  {
    name: 'ignores an unknown ordinary class',
    over: { ...has(validating()), runtimeClasses: observed([aRuntimeClass({ name: 'quick', handler: 'runc' })]) },
    says: says('pass'),
  },
  fails(
    'one that accepts an ordinary class as a sandbox',
    { ...has(validating()), runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]) },
    /expects the handler kata for the RuntimeClass kata-vm-isolation, which has runc/,
  ),
  {
    ...fails(
      'one and another that sets classes of another policy',
      has(validating(), mutating({ digest: 'f' })),
      /MutatingAdmissionPolicy/,
      'low',
    ),
    remediation: /--classes - --format map \| kubectl apply/,
  },
  fails(
    'one and another of its name that sets classes',
    has(mutating({ name: NAME }), validating()),
    /MutatingAdmissionPolicy kataudit-guardrail does not match/,
    'low',
  ),
  fails(
    'a cluster that has one only under another name',
    has(validating({}, { name: 'other' })),
    /has no ValidatingAdmissionPolicy kataudit-guardrail\.$/,
  ),
  {
    name: 'passes one beside another of another name',
    over: has(validating({}, { name: 'other', digest: 'f' }), validating()),
    says: says('pass'),
  },
  { name: 'is unknown when it could not be read', over: { guardrails: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'is unknown when the scan did not read guardrails', over: { guardrails: GUARDRAILS_NOT_ASKED }, says: 'unavailable' },
  {
    name: 'is unknown without the classes',
    over: { ...has(validating()), runtimeClasses: unavailable('denied', 'no') },
    says: 'unavailable',
  },
  fails(
    'one and another that sets classes, which the policy does not',
    has(validating(), mutating({ name: 'kataudit-runtime-class-9' })),
    /kataudit-runtime-class-9 does not match/,
    'low',
  ),
  {
    name: 'does not apply when every rule that could deny is off',
    over: has(),
    policy: { rules: Object.fromEntries(GUARDED_RULES.map((id) => [id, 'off'])) },
    says: says('not-applicable'),
  },
  { name: 'does not apply when nothing must be sandboxed', over: has(), policy: { workloads: [] }, says: says('not-applicable') },
  {
    name: 'does not apply when the policy requires no Kata pool',
    over: { ...has(), cluster: aCluster({ tags: { 'kataudit.io/sandbox': 'none' } }) },
    says: says('not-applicable'),
  },
]);
