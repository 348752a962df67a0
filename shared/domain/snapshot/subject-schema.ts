import { z } from 'zod';
import { schemaOf } from './schema-of.ts';
import type { Subject } from './subject.ts';

/** The schema of a subject. */
export const SUBJECT_SCHEMA = schemaOf<Subject>()(
  z.union([
    z.object({ kind: z.literal('cluster') }),
    z.object({ kind: z.enum(['node-pool', 'node', 'runtime-class']), name: z.string() }),
    z.object({
      kind: z.literal('workload'),
      namespace: z.string(),
      ownerKind: z.string(),
      ownerName: z.string(),
      ownerGroup: z.string().exactOptional().describe('The API group of the owner, unless it is built into Kubernetes.'),
    }),
  ]),
);
