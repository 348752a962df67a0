import type { Finding } from '../domain/finding.ts';
import { matchesGlobs } from '../domain/glob.ts';
import type { Exemption } from '../domain/policy.ts';
import type { ApiDependencies } from './api.ts';

/** Tells which live exemption covers a finding, from the policy's and the API's, as of now. */
export async function overlay({
  policy,
  exemptions,
  clock,
}: Pick<ApiDependencies, 'policy' | 'exemptions' | 'clock'>): Promise<(finding: Finding) => Exemption | undefined> {
  const [{ policy: inForce }, held] = await Promise.all([policy(), exemptions?.list() ?? []]);
  const now = clock().getTime();
  const live = [...inForce.exemptions, ...held.map(({ exemption }) => exemption)].filter(({ expiresOn }) => now < Date.parse(expiresOn));
  return (finding) => live.find((exemption) => covers(exemption, finding));
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
