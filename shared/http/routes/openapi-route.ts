import { SECURED } from '../framework/answers.ts';
import { tagged } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';

/** `GET /openapi.json`: this API's own description. */
export const getOpenApi = defineRoute({
  name: 'get-open-api',
  method: 'GET',
  route: 'openapi.json',
  authLevel: 'function',
  tag: 'operations',
  summary: 'Gives the OpenAPI document of this API.',
  headers: { 'If-None-Match': 'The ETag that the caller holds.' },
  query: NO_QUERY,
  answers: {
    200: { description: 'The document.', mediaTypes: ['application/json'] },
    304: { description: 'The caller has it already.' },
    ...SECURED,
  },
  handle: async ({ version }, { headers }) => {
    // Loaded late: the document is built from the whole table of routes, and this route is in it.
    const [{ openApi }, { ROUTES }] = await Promise.all([import('../framework/openapi.ts'), import('../routes.ts')]);
    return tagged(openApi(ROUTES, version), headers.get('if-none-match'));
  },
});
