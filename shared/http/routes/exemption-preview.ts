import { z } from 'zod';
import { EXEMPTION_FIELDS, EXEMPTION_SCOPE } from '../../domain/policy/exemption-schema.ts';
import { given } from '../../domain/snapshot/given.ts';
import { coveredBy } from '../../usecases/queries/exemptions.ts';
import { SECURED } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute } from '../framework/route.ts';
import { ExemptionPreviewView } from '../schemas/exemption-schemas.ts';

/** Maximum number of findings in a preview. */
const MAX_NAMED = 50;
const scope = Object.fromEntries(Object.entries(EXEMPTION_SCOPE).map(([name, field]) => [name, field.optional()] as const));

/** `GET /exemption-preview`: the findings that an exemption would cover, before it is created. */
export const previewExemption = defineRoute({
  name: 'preview-exemption',
  tag: 'exemptions',
  summary: 'Counts the open findings that an exemption would cover.',
  query: z.strictObject({ rule: EXEMPTION_FIELDS.rule, ...scope }),
  answers: { 200: { description: 'The findings in the scope.', schema: ExemptionPreviewView }, ...SECURED },
  handle: async (dependencies, { query: { rule, ...asked } }) => {
    if (!dependencies.rules.some(({ id }) => id === rule)) {
      throw new Problem(400, 'The query is invalid.', [{ field: 'rule', detail: 'no such rule; GET /api/rules lists them' }]);
    }
    const covered = await coveredBy(dependencies, { rule, ...given(z.object(EXEMPTION_SCOPE).parse(given(asked))) });
    return json({ findings: covered.length, ids: covered.slice(0, MAX_NAMED).map(({ id }) => id) });
  },
});
