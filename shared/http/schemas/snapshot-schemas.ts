import { z } from 'zod';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import { SNAPSHOT_SCHEMA } from '../../domain/snapshot/snapshot-schema.ts';
import { assessment } from './cluster-schemas.ts';
import { component, count, instant, Reason } from './schemas.ts';

/** A snapshot as `kataudit collect` saves and sends it. */
export const SnapshotView = component('Snapshot', SNAPSHOT_SCHEMA);

/** What became of a snapshot that was sent. */
export const RecordedLookView = component(
  'RecordedLook',
  z.object({
    clusterId: z.string(),
    observedAt: instant,
    assessment,
    changed: count.describe('Findings opened, reopened, changed or resolved by it.'),
    gaps: z.array(z.object({ evidence: z.enum([...EVIDENCE_KEYS, 'cluster', 'rule']), reason: Reason })),
  }),
);
