/** The AKS events that `kataudit event` can generate. */
export const EVENT_TYPES = [
  'NodePoolRollingStarted',
  'NodePoolRollingSucceeded',
  'NodePoolRollingFailed',
  'ClusterSupportEnding',
  'ClusterSupportEnded',
] as const;
