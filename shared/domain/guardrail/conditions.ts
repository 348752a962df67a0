import { SYSTEM_NAMESPACES } from '../policy/system-namespaces.ts';
import { matches, text } from './cel.ts';
import type { GuardrailTerms } from './terms.ts';

/** The user that creates the pods of DaemonSets. A pod that merely names a DaemonSet as its owner is not a node agent. */
const DAEMON_SET_CONTROLLER = 'system:serviceaccount:kube-system:daemon-set-controller';

/** What every guardrail ignores: system namespaces, and node agents unless they must be sandboxed too. */
export function exceptions({ daemonSets }: Pick<GuardrailTerms, 'daemonSets'>) {
  return [
    { name: 'not-a-system-namespace', expression: `!(${matches('request.namespace', SYSTEM_NAMESPACES)})` },
    ...(daemonSets
      ? []
      : [{ name: 'not-a-pod-of-a-daemon-set', expression: `request.userInfo.username != ${text(DAEMON_SET_CONTROLLER)}` }]),
  ];
}

/** Defaults of the API server, written explicitly so that the stored policy equals the generated one. */
export const MATCHES_EVERYTHING = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const;
