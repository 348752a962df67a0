import { z } from 'zod';
import type { Coverage } from './observation.ts';
import { schemaOf } from './schema-of.ts';

const text = z.string();
const count = z.int().min(0);

/** The schema of a coverage. */
export const COVERAGE_SCHEMA = schemaOf<Coverage>()(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('full'), by: text.exactOptional().describe('How it was read, where there is more than one way.') }),
    z.object({
      kind: z.literal('sample'),
      sampledNodes: count,
      totalNodes: count,
      sampledPods: count,
      totalPods: count.exactOptional(),
      upperBound: z.number().min(0).max(1),
      confidence: z.number().min(0).max(1),
      seed: text,
    }),
    z.object({ kind: z.literal('truncated'), message: text }),
  ]),
);
