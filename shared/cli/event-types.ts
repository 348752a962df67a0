/** The events of AKS that `kataudit event` can make up. */
export const EVENT_TYPES = [
  'NodePoolRollingStarted',
  'NodePoolRollingSucceeded',
  'NodePoolRollingFailed',
  'ClusterSupportEnding',
  'ClusterSupportEnded',
] as const;
