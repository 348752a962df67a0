import { parsePolicy } from '../../shared/config/policy-file.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { ManifestReader } from '../../shared/manifests/read-manifests.ts';
import { RULES } from '../../shared/rules/index.ts';
import { type CheckedManifests, checkManifests } from '../../shared/usecases/check-manifests.ts';

/** The inputs besides the files. */
export interface CheckTexts {
  /** By default, pods labeled `lane: guest` must be sandboxed; `built-in` is the built-in policy. */
  readonly policy?: string;
  readonly namespace?: string;
  readonly patches?: readonly string[];
}

const GUESTS = 'version: 1\nworkloads:\n  - { name: guest lanes, podLabels: { lane: guest } }\n';

/** Checks texts as if they were files. */
export function checkTexts(
  files: Readonly<Record<string, string>>,
  { policy = GUESTS, namespace, patches = [] }: CheckTexts = {},
): CheckedManifests {
  const reader = new ManifestReader(namespace);
  for (const [name, text] of Object.entries(files)) reader.add({ name, text, named: true, patch: patches.includes(name) });
  return checkManifests(reader.evidence(), {
    policy: policy === 'built-in' ? DEFAULT_POLICY : parsePolicy(policy),
    rules: RULES,
    isNamespaceGiven: namespace !== undefined,
    now: new Date('2026-11-30T12:00:00Z'),
  });
}

/** `rule file:line` of each finding. */
export function foundIn(checked: CheckedManifests): readonly string[] {
  return checked.findings.map(({ finding, place }) => `${finding.ruleId} ${place.file}:${place.line}`);
}

/** `weight file:line message` of each remark. */
export function toldOf(checked: CheckedManifests): readonly string[] {
  return checked.remarks.map(
    ({ weight, place, message }) => `${weight} ${place === undefined ? '-' : `${place.file}:${place.line}`} ${message}`,
  );
}

/** A sandboxed pod of a guest lane without any weakness, with more lines in its spec. */
export function aPod(lines = '', name = 'p'): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: lab, labels: { lane: guest } }
spec:
  runtimeClassName: kata-vm-isolation
  containers: [{ name: c, image: i, resources: { limits: { memory: 64Mi } } }]
${lines}`;
}
