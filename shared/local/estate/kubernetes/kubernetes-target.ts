import { given } from '../../../domain/snapshot/given.ts';
import { RESOURCES, type ResourceKind } from './kubernetes-resources.ts';

/** The object or list that a path of an API server names. */
export interface Target {
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

const PATH =
  /^\/(?:api\/(?<core>v1)|apis\/(?<group>[^/]+\/[^/]+))\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<plural>[a-z]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[a-z]+))?)?$/;

/** Parses a path; `undefined` if it names nothing. */
export function targetOf(path: string): Target | undefined {
  const groups = PATH.exec(path)?.groups;
  const apiVersion = groups?.core ?? groups?.group;
  const kind = RESOURCES.find((one) => one.plural === groups?.plural && one.apiVersion === apiVersion);
  if (groups === undefined || kind === undefined) return undefined;
  if (groups.namespace !== undefined && !kind.namespaced) return undefined;
  const { namespace, name, subresource } = groups;
  return {
    kind,
    ...given({ namespace, name, subresource }),
  };
}

/** The name of a request in Kubernetes' authorization: `list pods`, `get pods/exec`. */
export function permissionOf({ kind, name, subresource }: Target, method: string): string {
  const verb = { POST: 'create', DELETE: 'delete', GET: name === undefined ? 'list' : 'get' }[method] ?? method.toLowerCase();
  return `${verb} ${kind.plural}${subresource === undefined ? '' : `/${subresource}`}`;
}
