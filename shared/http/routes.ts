import { getAudit, listAudits, postAudit } from './audits.ts';
import { getBundle } from './bundle-route.ts';
import { getCluster, listClusters } from './clusters.ts';
import { getDashboard } from './dashboard.ts';
import { listExemptionUses } from './exemption-uses.ts';
import { deleteExemption, getExemption, listExemptions, putExemption } from './exemptions.ts';
import { getExport, listExports } from './exports.ts';
import { getFinding, getFindingHistory, listFindings } from './findings.ts';
import { getHealth, getHealthDetail } from './health.ts';
import { getMetrics } from './metrics.ts';
import { getOpenApi } from './openapi-route.ts';
import { dropParked, listParked, replayParked } from './parked.ts';
import type { Route } from './route.ts';
import { listRules } from './rules.ts';
import { getSummary } from './summary.ts';

/** Every operation of the API, in the order of its document. */
export const ROUTES: readonly Route[] = [
  listFindings,
  getFinding,
  getFindingHistory,
  listClusters,
  getCluster,
  getSummary,
  listRules,
  listAudits,
  getAudit,
  postAudit,
  listExemptions,
  getExemption,
  putExemption,
  deleteExemption,
  listExemptionUses,
  listExports,
  getExport,
  getBundle,
  listParked,
  replayParked,
  dropParked,
  getHealth,
  getHealthDetail,
  getMetrics,
  getOpenApi,
  getDashboard,
];
