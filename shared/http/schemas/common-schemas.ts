import { z } from 'zod';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { VERDICTS } from '../../domain/rule/rule.ts';
import type { Coverage as SeenCoverage, UnavailableReason } from '../../domain/snapshot/observation.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import type { Subject as JudgedSubject } from '../../domain/snapshot/subject.ts';
import { component } from './component.ts';

/** A time, RFC 3339 in UTC. */
export const instant = z.string().meta({ format: 'date-time' });
/** How bad a failure is, worst first. */
export const severity = z.enum(SEVERITIES);
/** What a rule says of a subject. */
export const verdict = z.enum(VERDICTS);
/** A count of things. */
export const count = z.int().min(0);

/** Why something could not be looked at. */
export const Reason = component('Reason', schemaOf<UnavailableReason>()(z.object({ code: z.string(), message: z.string() })));

/** How much of what there was to see was seen. */
export const Coverage = component(
  'Coverage',
  schemaOf<SeenCoverage>()(
    z.union([
      z.object({ kind: z.literal('full'), by: z.string().exactOptional().describe('How it was read, where there is more than one way.') }),
      z.object({
        kind: z.literal('sample'),
        sampledNodes: count,
        totalNodes: count,
        sampledPods: count,
        totalPods: count.exactOptional(),
        upperBound: z.number().min(0).max(1),
        confidence: z.number(),
        seed: z.string(),
      }),
      z.object({ kind: z.literal('truncated'), message: z.string() }),
    ]),
  ),
);

/** What a verdict is about. */
export const Subject = component(
  'Subject',
  schemaOf<JudgedSubject>()(
    z.union([
      z.object({ kind: z.literal('cluster') }),
      z.object({ kind: z.enum(['node-pool', 'node', 'runtime-class']), name: z.string() }),
      z.object({
        kind: z.literal('workload'),
        namespace: z.string(),
        ownerKind: z.string(),
        ownerName: z.string(),
        ownerGroup: z.string().exactOptional().describe("The API group of the owner, where it is not Kubernetes' own."),
      }),
    ]),
  ),
);

/** Problem details, RFC 9457. */
export const ProblemView = component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ field: z.string().describe('A query parameter, or a JSON pointer into the body.'), detail: z.string() }))
      .exactOptional(),
  }),
);
