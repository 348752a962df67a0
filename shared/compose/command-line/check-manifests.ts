import type { Policy } from '../../domain/policy/policy.ts';
import type { RuntimeClass } from '../../domain/snapshot/snapshot.ts';
import { readPaths } from '../../manifests/manifest-files.ts';
import { ManifestReader } from '../../manifests/read-manifests.ts';
import { RULES } from '../../rules/index.ts';
import { type CheckedManifests, checkManifests } from '../../usecases/check-manifests.ts';

/** Manifests to check, with the policy and rules. */
export interface ManifestCheck {
  readonly paths: readonly string[];
  /** The namespace of objects that set none. */
  readonly namespace: string | undefined;
  readonly policy: Policy;
  readonly stdin: NodeJS.ReadableStream;
  readonly now: Date;
}

/** Reads manifests and judges them by a policy and the rules of the audit. */
export async function checkPaths({ paths, namespace, policy, stdin, now }: ManifestCheck): Promise<CheckedManifests> {
  const reader = new ManifestReader(namespace);
  await readPaths(paths, stdin, reader);
  return checkManifests(reader.evidence(), { policy, rules: RULES, isNamespaceGiven: namespace !== undefined, now });
}

/** The RuntimeClasses in some manifests, and what could not be read. */
export async function readClasses(
  paths: readonly string[],
  stdin: NodeJS.ReadableStream,
): Promise<{ readonly classes: readonly RuntimeClass[]; readonly problems: readonly string[] }> {
  const reader = new ManifestReader(undefined);
  await readPaths(paths, stdin, reader);
  const { runtimeClasses, remarks } = reader.evidence();
  const problems = remarks
    .filter(({ weight }) => weight === 'not-judged')
    .map(({ place, message }) => `${place?.file}:${place?.line}: ${message}`);
  return { classes: runtimeClasses.map(({ runtimeClass }) => runtimeClass), problems };
}
