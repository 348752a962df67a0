import type { FaultCode } from './fault.ts';

/** What to do about each reason for which a cluster could not be seen; one sentence each. */
const ADVICE: Readonly<Record<FaultCode, string>> = {
  unauthenticated: 'Check that the identity exists and that the cluster accepts tokens of its tenant.',
  denied: 'Give the identity the roles of docs/operate.md on the cluster or its subscription.',
  'not-found': 'Check that the cluster is still there; it leaves the estate with the next audit if it is not.',
  conflict: 'Nothing to do: the next audit looks again.',
  expired: 'Nothing to do: the next audit looks again.',
  throttled: 'Nothing to do: the next audit looks again. If it stays, spread the audits over more time.',
  unreachable: 'Open a network path from the app to the API server, such as VNet integration for a private cluster.',
  'timed-out': 'Check the network path to the API server, and whether the server is overloaded.',
  malformed: 'Report it: the answer could not be understood.',
  'too-large': 'Raise pods.budgetPods or pods.budgetSeconds in the policy, or read a sample.',
  unsupported: 'Upgrade the cluster to a version that offers what was asked for.',
  stopped: 'Nothing to do while the cluster is stopped on purpose; start it to have it audited.',
  'not-entra-integrated': 'Turn on Entra ID integration for the cluster.',
  'no-azure-access': 'Give the app access to Azure for this cluster.',
  'not-asked': 'Nothing was asked for here.',
};

/** The one remedy for a reason. */
export function gapAdvice(code: FaultCode): string {
  return ADVICE[code];
}
