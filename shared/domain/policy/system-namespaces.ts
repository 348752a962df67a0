/** Globs over the namespaces whose pods belong to the platform, most of them on every node. */
export const SYSTEM_NAMESPACES: readonly string[] = [
  'kube-*',
  'gatekeeper-system',
  'calico-system',
  'tigera-operator',
  'aks-*',
  'app-routing-system',
];
