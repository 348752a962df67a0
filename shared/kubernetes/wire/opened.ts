import { kubernetes } from './kubernetes.generated.js';
import type { WirePod, WirePodCondition, WireToleration } from './messages.ts';

/*
 * Parts of a pod that are rarely needed stay encoded in protobuf. They are in the page's buffer,
 * so they can be decoded only while the page is being processed.
 */

/** The conditions of a pod. */
export function conditionsOf({ status }: WirePod): readonly WirePodCondition[] {
  return (status?.conditions ?? []).map((one) => (one instanceof Uint8Array ? kubernetes.PodCondition.decode(one) : one));
}

/** The tolerations of a pod, including those that admission added. */
export function tolerationsOf({ spec }: WirePod): readonly WireToleration[] {
  return (spec?.tolerations ?? []).map((one) => (one instanceof Uint8Array ? kubernetes.Toleration.decode(one) : one));
}
