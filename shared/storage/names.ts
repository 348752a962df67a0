/** The tables of the app's storage account; `infra/` creates them. */
export const TABLES = {
  findings: 'findings',
  clusters: 'clusters',
  changes: 'changes',
  audits: 'audits',
  parked: 'parked',
  events: 'events',
  exemptions: 'exemptions',
} as const;

/** The work queues; each has a poison queue `<name>-poison`. */
export const QUEUES = {
  inventories: 'inventories',
  scans: 'scans',
  notifications: 'notifications',
  publications: 'publications',
} as const;

/** The blob containers. */
export const CONTAINERS = { assessments: 'assessments', policy: 'policy', bundles: 'bundles' } as const;
