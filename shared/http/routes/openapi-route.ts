import { SECURED } from '../framework/answers.ts';
import { tagged } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY, type Route } from '../framework/route.ts';

/** `GET /openapi.json`: the API document. The table of routes contains this route too, so it is passed as a function. */
export const openApiRoute = (routes: () => readonly Route[]): Route =>
  defineRoute({
    name: 'get-open-api',
    tag: 'operations',
    summary: 'Returns the OpenAPI document of this API.',
    headers: { 'If-None-Match': "The ETag of the caller's copy." },
    query: NO_QUERY,
    answers: {
      200: { description: 'The document.', mediaTypes: ['application/json'] },
      304: { description: 'The caller already has the current version.' },
      ...SECURED,
    },
    handle: async ({ version }, { headers }) => {
      const { openApi } = await import('../framework/openapi.ts');
      return tagged(openApi(routes(), version), headers.get('if-none-match'));
    },
  });
