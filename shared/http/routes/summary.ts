import { given } from '../../domain/snapshot/given.ts';
import { addUp } from '../../usecases/queries/estate-totals.ts';
import { countExempted } from '../../usecases/queries/exempted.ts';
import { SECURED } from '../framework/answers.ts';
import { tagged } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { SummaryView } from '../schemas/cluster-schemas.ts';

/** `GET /summary`: the whole estate in one response, from cluster summaries; findings are read only for live exemptions. */
export const getSummary = defineRoute({
  name: 'get-summary',
  tag: 'estate',
  summary: 'Returns the whole estate in one answer.',
  query: NO_QUERY,
  headers: { 'If-None-Match': "The ETag of the caller's copy." },
  answers: {
    200: { description: 'The estate.', schema: SummaryView },
    304: { description: 'The caller already has the current version.' },
    ...SECURED,
  },
  handle: async (dependencies, { headers }) => {
    const { policy: inForce, hash, source, problem } = await dependencies.policy();
    const [estate, exempted] = await Promise.all([addUp(dependencies, inForce), countExempted(dependencies)]);
    const policy = { hash, source, ...given({ problem }) };
    return tagged({ ...estate, exemptedBySeverity: exempted.bySeverity, policy }, headers.get('if-none-match'));
  },
});
