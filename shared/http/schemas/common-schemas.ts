import { z } from 'zod';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { VERDICTS } from '../../domain/rule/rule.ts';
import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import { COVERAGE_SCHEMA } from '../../domain/snapshot/observation-schema.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import { SUBJECT_SCHEMA } from '../../domain/snapshot/subject-schema.ts';
import { component } from './component.ts';

/** A time, RFC 3339 in UTC. */
export const instant = z.string().meta({ format: 'date-time' });
/** The severity of a failure, the highest first. */
export const severity = z.enum(SEVERITIES);
/** The result of a rule for a subject. */
export const verdict = z.enum(VERDICTS);
/** A count of things. */
export const count = z.int().min(0);

/** Why a part could not be read. */
export const Reason = component('Reason', schemaOf<UnavailableReason>()(z.object({ code: z.string(), message: z.string() })));

/** How much of a part could be read. */
export const Coverage = component('Coverage', COVERAGE_SCHEMA);

/** The subject of a verdict. */
export const Subject = component('Subject', SUBJECT_SCHEMA);

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
