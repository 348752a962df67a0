import { z } from 'zod';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import type { IsolationReport } from '../../domain/isolation/isolation-report.ts';
import { ISOLATION_STEPS } from '../../domain/isolation/isolation-step.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import { ClusterSummaryView } from './cluster-schemas.ts';
import { count, instant } from './common-schemas.ts';
import { component } from './component.ts';

const evidence = {
  step: z.enum(ISOLATION_STEPS).describe('How strong the evidence is: declared, resolved, proven; or disproved.'),
  reason: z.string().describe('The evidence, and why it is not stronger.'),
};

const Isolation = component(
  'Isolation',
  schemaOf<IsolationReport>()(
    z.object({
      observedAt: instant,
      nodePools: z.array(z.object({ nodePool: z.string(), ...evidence })).describe('Every Kata node pool.'),
      workloads: z
        .array(
          z.object({
            namespace: z.string(),
            ownerKind: z.string(),
            ownerName: z.string(),
            ownerGroup: z.string().exactOptional().describe('The API group of the owner, unless it is a built-in kind.'),
            runtimeClassName: z.string(),
            pods: count,
            ...evidence,
          }),
        )
        .describe('Sandboxed workloads, the least isolated first; 1,000 at most.'),
      moreWorkloads: count.describe('Sandboxed workloads that are not in the list.'),
    }),
  ),
);

/** One cluster: its summary and its isolation steps. */
export const ClusterView = component(
  'Cluster',
  schemaOf<ClusterSummary & { readonly isolation?: IsolationReport }>()(
    ClusterSummaryView.extend({ isolation: Isolation.exactOptional().describe('Absent until the cluster has been scanned.') }),
  ),
);
