import type { Route } from './framework/route.ts';
import { getAudit, getAuditChanges, getAuditDifference, listAudits, postAudit } from './routes/audits.ts';
import { getBundle, postBundle } from './routes/bundle-route.ts';
import { listChanges } from './routes/changes.ts';
import { getCluster, listClusters } from './routes/clusters.ts';
import { previewExemption } from './routes/exemption-preview.ts';
import { listExemptionUses } from './routes/exemption-uses.ts';
import { deleteExemption, getExemption, listExemptions, putExemption } from './routes/exemptions.ts';
import { getExport, listExports } from './routes/exports.ts';
import { aggregateFindings, facetFindings } from './routes/finding-groups.ts';
import { getFinding, getFindingHistory, listFindings } from './routes/findings.ts';
import { getHealth, getHealthDetail } from './routes/health.ts';
import { getMetrics } from './routes/metrics.ts';
import { openApiRoute } from './routes/openapi-route.ts';
import { dropParked, listParked, replayParked } from './routes/parked.ts';
import { listRules } from './routes/rules.ts';
import { getSnapshot, putSnapshot } from './routes/snapshots.ts';
import { getSummary } from './routes/summary.ts';
import { getDashboard } from './views/dashboard.ts';
import { endSession, openSession } from './views/session.ts';

/** `GET /openapi.json`. */
export const getOpenApi = openApiRoute(() => ROUTES);

/** Every operation of the API, in the order of its document. */
export const ROUTES: readonly Route[] = [
  listFindings,
  aggregateFindings,
  facetFindings,
  getFinding,
  getFindingHistory,
  listChanges,
  listClusters,
  getCluster,
  getSnapshot,
  putSnapshot,
  getSummary,
  listRules,
  listAudits,
  getAudit,
  getAuditChanges,
  getAuditDifference,
  postAudit,
  listExemptions,
  getExemption,
  putExemption,
  deleteExemption,
  listExemptionUses,
  previewExemption,
  listExports,
  getExport,
  getBundle,
  postBundle,
  listParked,
  replayParked,
  dropParked,
  getHealth,
  getHealthDetail,
  getMetrics,
  getOpenApi,
  openSession,
  endSession,
  getDashboard,
];
