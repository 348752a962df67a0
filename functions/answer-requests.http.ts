import { app } from '@azure/functions';
import { answer, unknownPath } from '../shared/compose/functions/api.ts';
import { ALL_METHODS, methodsOf, ROUTE_NAMES, ROUTE_TABLE, UNKNOWN_PATH } from '../shared/http/access/route-table.ts';

// The host asks nobody for a key: `shared/http/access` decides who may do what, and answers as the rest of the API does.
for (const name of ROUTE_NAMES) {
  const { route } = ROUTE_TABLE[name];
  app.http(name, { methods: [...methodsOf(ROUTE_TABLE[name])], route, authLevel: 'anonymous', handler: answer(name) });
}
app.http(UNKNOWN_PATH.name, { methods: [...ALL_METHODS], route: UNKNOWN_PATH.route, authLevel: 'anonymous', handler: unknownPath });
