import { z } from 'zod';
import { SNAPSHOT_SCHEMA } from '../../domain/snapshot/snapshot-schema.ts';
import { assessment, Gaps } from './cluster-schemas.ts';
import { count, instant } from './common-schemas.ts';
import { component } from './component.ts';

/** A snapshot as `kataudit collect` saves and pushes it. */
export const SnapshotView = component('Snapshot', SNAPSHOT_SCHEMA);

/** Newest stored snapshot of a cluster. */
export const HeldLookView = component(
  'HeldLook',
  z.object({ policyHash: z.string().describe('SHA-256 of the policy that it was judged by.'), snapshot: SnapshotView }),
);

/** The result of recording a pushed snapshot. */
export const RecordedLookView = component(
  'RecordedLook',
  z.object({
    clusterId: z.string(),
    observedAt: instant,
    assessment,
    changed: count.describe('Findings opened, reopened, changed or resolved by it.'),
    gaps: Gaps,
  }),
);
