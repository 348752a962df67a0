import { SYSTEM_NAMESPACES } from '../policy/system-namespaces.ts';
import { matches, text } from './cel.ts';
import type { GuardrailTerms } from './terms.ts';

/** The user that makes the pods of DaemonSets. A pod that only says that a DaemonSet owns it is no node agent. */
const DAEMON_SET_CONTROLLER = 'system:serviceaccount:kube-system:daemon-set-controller';

/** Who stays out of every guardrail: system namespaces, and node agents where they may. */
export function exceptions({ daemonSets }: Pick<GuardrailTerms, 'daemonSets'>) {
  return [
    { name: 'not-a-system-namespace', expression: `!(${matches('request.namespace', SYSTEM_NAMESPACES)})` },
    ...(daemonSets
      ? []
      : [{ name: 'not-a-pod-of-a-daemon-set', expression: `request.userInfo.username != ${text(DAEMON_SET_CONTROLLER)}` }]),
  ];
}

/** What the API server fills in by itself: written out, so that a stored policy is the one that was written. */
export const MATCHES_EVERYTHING = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } as const;
