import type { FaultCode } from './fault.ts';

/** One sentence for each reason why a cluster could not be read: what to do about it. */
const ADVICE: Readonly<Record<FaultCode, string>> = {
  unauthenticated: 'Check that the identity exists and that the cluster accepts tokens of its tenant.',
  denied: 'Give the identity the roles of docs/operate.md on the cluster or its subscription.',
  'not-found': 'Check whether the cluster still exists. If not, it leaves the estate with the next audit.',
  conflict: 'No action is needed: the next audit tries again.',
  expired: 'No action is needed: the next audit tries again.',
  throttled: 'No action is needed: the next audit tries again. If this persists, spread audits over a longer time.',
  unreachable: 'Open a network path from the app to the API server, such as VNet integration for a private cluster.',
  'timed-out': 'Check the network path to the API server, and whether the server is overloaded.',
  malformed: 'Report a bug: the answer could not be parsed.',
  'too-large': 'Raise pods.budgetPods or pods.budgetSeconds in the policy, or read a sample.',
  unsupported: 'Upgrade the cluster to a version that supports the request.',
  stopped: 'No action is needed if the cluster is stopped on purpose. Start it to have it audited.',
  'not-entra-integrated': 'Turn on Entra ID integration for the cluster.',
  'no-azure-access': 'Give the app access to Azure for this cluster.',
  'not-asked': 'Nothing was requested here.',
};

/** The remedy for a reason. */
export function gapAdvice(code: FaultCode): string {
  return ADVICE[code];
}
