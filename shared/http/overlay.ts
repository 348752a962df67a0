import type { Finding } from '../domain/finding.ts';
import { matchesGlobs } from '../domain/glob.ts';
import type { Exemption } from '../domain/policy.ts';
import type { ApiDependencies } from './api.ts';

type Sources = Pick<ApiDependencies, 'policy' | 'exemptions' | 'clock'>;

/** The exemptions that hold now, the policy's before the API's. */
export async function liveExemptions({ policy, exemptions, clock }: Sources): Promise<readonly Exemption[]> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  const now = clock().getTime();
  return [...inForce.exemptions, ...held.map(({ exemption }) => exemption)].filter(({ expiresOn }) => now < Date.parse(expiresOn));
}

/** Tells which live exemption covers a finding, from the policy's and the API's, as of now. */
export async function overlay(sources: Sources): Promise<(finding: Finding) => Exemption | undefined> {
  return overlayOf(await liveExemptions(sources));
}

/** Tells which of these exemptions covers a finding: the first that does. */
export function overlayOf(live: readonly Exemption[]): (finding: Finding) => Exemption | undefined {
  const byRule = Map.groupBy(live, ({ rule }) => rule);
  return (finding) => byRule.get(finding.ruleId)?.find((exemption) => covers(exemption, finding));
}

/** Whether a finding is in the scope of an exemption, live or not. */
export function covers(exemption: Exemption, { ruleId, clusterName, subject }: Finding): boolean {
  const workload = subject.kind === 'workload' ? subject : undefined;
  const fits = (glob: string | undefined, name: string | undefined) =>
    glob === undefined || (name !== undefined && matchesGlobs(name, [glob]));
  return (
    exemption.rule === ruleId &&
    fits(exemption.cluster, clusterName) &&
    fits(exemption.namespace, workload?.namespace) &&
    fits(exemption.workload, workload?.ownerName)
  );
}
