import type { Access } from './decide.ts';

/** The methods of the API. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** The address of an operation, and who may use it. */
export interface RouteEntry {
  readonly method: Method;
  /** The path below `/api`, in the notation of the Functions host; `{*page}` matches slashes too. */
  readonly route: string;
  readonly access: Access;
}

/**
 * Every operation of the API by the name of its function, in the order of the API document. Registering a function loads only this table,
 * and only this table says who may use what.
 */
export const ROUTE_TABLE = {
  'list-findings': { method: 'GET', route: 'findings', access: 'reader' },
  // Before `get-finding`, also by name: the host uses the first function whose path matches.
  'aggregate-findings': { method: 'GET', route: 'findings/groups', access: 'reader' },
  'facet-findings': { method: 'GET', route: 'findings/facets', access: 'reader' },
  'get-finding': { method: 'GET', route: 'findings/{id}', access: 'reader' },
  'get-finding-history': { method: 'GET', route: 'findings/{id}/history', access: 'reader' },
  'list-changes': { method: 'GET', route: 'changes', access: 'reader' },
  'list-clusters': { method: 'GET', route: 'clusters', access: 'reader' },
  'get-cluster': { method: 'GET', route: 'clusters/{subscription}/{resourceGroup}/{name}', access: 'reader' },
  'get-snapshot': { method: 'GET', route: 'clusters/{subscription}/{resourceGroup}/{name}/snapshot', access: 'reader' },
  'put-snapshot': { method: 'PUT', route: 'clusters/{subscription}/{resourceGroup}/{name}/snapshot', access: 'operator' },
  'get-summary': { method: 'GET', route: 'summary', access: 'reader' },
  'list-rules': { method: 'GET', route: 'rules', access: 'reader' },
  'list-audits': { method: 'GET', route: 'audits', access: 'reader' },
  'get-audit': { method: 'GET', route: 'audits/{id}', access: 'reader' },
  'get-audit-changes': { method: 'GET', route: 'audits/{id}/changes', access: 'reader' },
  'get-audit-difference': { method: 'GET', route: 'audits/{id}/difference', access: 'reader' },
  'post-audit': { method: 'POST', route: 'audits', access: 'operator' },
  'list-exemptions': { method: 'GET', route: 'exemptions', access: 'reader' },
  'get-exemption': { method: 'GET', route: 'exemptions/{id}', access: 'reader' },
  'put-exemption': { method: 'PUT', route: 'exemptions/{id}', access: 'operator' },
  'delete-exemption': { method: 'DELETE', route: 'exemptions/{id}', access: 'operator' },
  'list-exemption-uses': { method: 'GET', route: 'exemption-uses', access: 'reader' },
  'preview-exemption': { method: 'GET', route: 'exemption-preview', access: 'reader' },
  'list-exports': { method: 'GET', route: 'exports', access: 'reader' },
  'get-export': { method: 'GET', route: 'exports/{format}', access: 'reader' },
  'get-bundle': { method: 'GET', route: 'exports/bundle', access: 'reader' },
  'post-bundle': { method: 'POST', route: 'exports/bundle', access: 'operator' },
  'list-parked': { method: 'GET', route: 'parked', access: 'reader' },
  'replay-parked': { method: 'POST', route: 'parked/{id}/replay', access: 'operator' },
  'drop-parked': { method: 'DELETE', route: 'parked/{id}', access: 'operator' },
  'get-health': { method: 'GET', route: 'health', access: 'anyone' },
  'get-health-detail': { method: 'GET', route: 'health/detail', access: 'reader' },
  'get-metrics': { method: 'GET', route: 'metrics', access: 'reader' },
  'get-open-api': { method: 'GET', route: 'openapi.json', access: 'reader' },
  'open-session': { method: 'POST', route: 'session', access: 'anyone' },
  'end-session': { method: 'DELETE', route: 'session', access: 'anyone' },
  'get-dashboard': { method: 'GET', route: 'dashboard/{*page}', access: 'reader' },
} as const satisfies Readonly<Record<string, RouteEntry>>;

/** The name of an operation, which is also the name of its function. */
export type RouteName = keyof typeof ROUTE_TABLE;

/** All names, in the order of the table. */
export const ROUTE_NAMES: readonly RouteName[] = typedKeys(ROUTE_TABLE);

/**
 * The function for paths that no other function has. The host tries functions in the order of their names and the first match wins, so
 * this one must be the last. Source: azure-functions-host, `FunctionMetadataManager.cs` (ordered by name);
 * Azure/azure-webjobs-sdk-extensions#842.
 */
export const UNKNOWN_PATH = { name: 'zz-unknown-path', route: '{*path}' } as const;

/** Every method that a browser or a scanner may try. */
export const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;

/** Returns the request methods of an operation: every GET operation also answers HEAD. */
export function methodsOf({ method }: Pick<RouteEntry, 'method'>): readonly ('HEAD' | Method)[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

function typedKeys<T extends object>(table: T): (keyof T)[] {
  const isName = (name: string): name is keyof T & string => Object.hasOwn(table, name);
  return Object.keys(table).filter(isName);
}
