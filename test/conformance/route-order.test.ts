import { describe, expect, it } from 'vitest';
import { ALL_METHODS, methodsOf, UNKNOWN_PATH } from '../../shared/http/access/route-table.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { matchRoute, parseRoute } from '../../shared/local/functions-host/routes.ts';

interface Operation {
  readonly name: string;
  readonly route: string;
  readonly methods: readonly string[];
}

/** The operations that also match another's path, which the host tries first because their names sort first. */
function hidden(operations: readonly Operation[]): readonly string[] {
  const inOrder = operations.toSorted((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1));
  return operations.flatMap(({ name, route, methods }) => {
    const path = route.replaceAll(/\{\*?\w+\}/g, 'x');
    return methods.flatMap((method) => {
      const first = inOrder.find((one) => one.methods.includes(method) && matchRoute(parseRoute(one.route, one.name), path) !== undefined);
      return first?.name === name ? [] : [`${method} ${path} of ${name} is answered by ${first?.name}`];
    });
  });
}

/** The Functions host tries functions in the order of their names and takes the first whose route matches: azure-functions-host#9876. */
describe('the routes of the API', () => {
  it('each lead to their own function', () => {
    const operations = ROUTES.map((route) => ({ name: route.name, route: route.route, methods: methodsOf(route) }));
    expect(hidden([{ ...UNKNOWN_PATH, methods: ALL_METHODS }, ...operations])).toEqual([]);
  });

  it('are reported when one hides another', () => {
    const methods = ['GET'];
    const operations = [
      { name: 'get-cluster', route: 'clusters/{*id}', methods },
      { name: 'list-clusters', route: 'clusters', methods },
    ];
    expect(hidden(operations)).toEqual(['GET clusters of list-clusters is answered by get-cluster']);
  });
});
