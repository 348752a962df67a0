/** Globs over the namespaces of the platform, whose pods run on most nodes. */
export const SYSTEM_NAMESPACES: readonly string[] = [
  'kube-*',
  'gatekeeper-system',
  'calico-system',
  'tigera-operator',
  'aks-*',
  'app-routing-system',
];
