import { methodsOf } from '../access/route-table.ts';
import type { Route } from './route.ts';

/** The result of matching a path and a method. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'other-methods'; readonly methods: readonly string[] }
  | { readonly kind: 'none' };

/** Finds the route of a path below `/api`, as the Functions host does: literal segments win over parameters. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const segments = path.split('/').filter((segment) => segment !== '');
  const hits = routes.flatMap((route) => {
    const params = matchTemplate(route.route.split('/'), segments);
    return params === undefined ? [] : [{ route, params }];
  });
  const best = Math.max(...hits.map(({ route }) => literals(route)));
  const closest = hits.filter(({ route }) => literals(route) === best);
  const hit = closest.find(({ route }) => methodsOf(route).some((one) => one === method));
  if (hit !== undefined) return { kind: 'route', ...hit };
  return closest.length === 0 ? { kind: 'none' } : { kind: 'other-methods', methods: closest.flatMap(({ route }) => methodsOf(route)) };
}

function matchTemplate(template: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const name = /\{(\*?)(\w+)\}/.exec(part);
    if (name?.[1] === '*') return { ...params, [name[2] ?? '']: segments.slice(index).join('/') };
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (name !== null) params[name[2] ?? ''] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return segments.length === template.length ? params : undefined;
}

function literals(route: Route): number {
  return route.route.split('/').filter((part) => !part.startsWith('{')).length;
}
