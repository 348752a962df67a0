import { kubernetes } from './kubernetes.generated.js';
import type { WirePod, WirePodCondition, WireToleration } from './messages.ts';

/*
 * Parts of a pod that most readers skip stay encoded in protobuf. They lie in the page's own memory,
 * so that they may be opened only while the page is worked on.
 */

/** The conditions of a pod. */
export function conditionsOf({ status }: WirePod): readonly WirePodCondition[] {
  return (status?.conditions ?? []).map((one) => (one instanceof Uint8Array ? kubernetes.PodCondition.decode(one) : one));
}

/** The tolerations of a pod, those that admission added among them. */
export function tolerationsOf({ spec }: WirePod): readonly WireToleration[] {
  return (spec?.tolerations ?? []).map((one) => (one instanceof Uint8Array ? kubernetes.Toleration.decode(one) : one));
}
