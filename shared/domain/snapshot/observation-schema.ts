import { z } from 'zod';
import { FAULT_CODES } from './fault.ts';
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
    z.object({
      kind: z.literal('targeted'),
      namespaces: z.array(text).describe('Namespaces of which every pod was read.'),
      nodes: count.describe('Nodes that may run Kata and whose pods were read.'),
      totalNodes: count,
      pods: count,
      totalPods: count.describe('All pods, as the API server counted them before.'),
      unread: z
        .array(z.object({ code: z.enum(FAULT_CODES), message: text }))
        .exactOptional()
        .describe('What should have been read and could not be.'),
    }),
    z.object({ kind: z.literal('truncated'), message: text }),
  ]),
);
