import { app } from '@azure/functions';
import { answer, unknownPath } from '../shared/compose/functions/api.ts';
import { ALL_METHODS, methodsOf, ROUTE_NAMES, ROUTE_TABLE, UNKNOWN_PATH } from '../shared/http/access/route-table.ts';

// The host requires no key: `shared/http/access` authorizes requests, and its refusals have the format of the API.
for (const name of ROUTE_NAMES) {
  const { route } = ROUTE_TABLE[name];
  app.http(name, { methods: [...methodsOf(ROUTE_TABLE[name])], route, authLevel: 'anonymous', handler: answer(name) });
}
app.http(UNKNOWN_PATH.name, { methods: [...ALL_METHODS], route: UNKNOWN_PATH.route, authLevel: 'anonymous', handler: unknownPath });
