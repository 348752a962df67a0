import { type Answer, json } from '../server/answer.ts';
import { RESOURCES } from './kubernetes-resources.ts';

/** Answers API discovery, which clients such as kubectl request first. */
export function discover(path: string): Answer | undefined {
  const node = { groupVersion: 'node.k8s.io/v1', version: 'v1' };
  const admission = { groupVersion: 'admissionregistration.k8s.io/v1', version: 'v1' };
  const apps = { groupVersion: 'apps/v1', version: 'v1' };
  const batch = { groupVersion: 'batch/v1', version: 'v1' };
  const authorization = { groupVersion: 'authorization.k8s.io/v1', version: 'v1' };
  switch (path) {
    case '/api':
      return json(200, { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    case '/apis':
      return json(200, {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: [
          { name: 'apps', versions: [apps], preferredVersion: apps },
          { name: 'batch', versions: [batch], preferredVersion: batch },
          { name: 'node.k8s.io', versions: [node], preferredVersion: node },
          { name: 'admissionregistration.k8s.io', versions: [admission], preferredVersion: admission },
          { name: 'authorization.k8s.io', versions: [authorization], preferredVersion: authorization },
        ],
      });
    case '/api/v1':
      return resourceList('v1');
    case '/apis/apps/v1':
      return resourceList(apps.groupVersion);
    case '/apis/batch/v1':
      return resourceList(batch.groupVersion);
    case '/apis/node.k8s.io/v1':
      return resourceList(node.groupVersion);
    case '/apis/admissionregistration.k8s.io/v1':
      return resourceList(admission.groupVersion);
    case '/apis/authorization.k8s.io/v1':
      return json(200, {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: authorization.groupVersion,
        resources: [
          { name: 'selfsubjectaccessreviews', singularName: '', namespaced: false, kind: 'SelfSubjectAccessReview', verbs: ['create'] },
        ],
      });
    default:
      return undefined;
  }
}

function resourceList(groupVersion: string): Answer {
  const resources = RESOURCES.filter(({ apiVersion }) => apiVersion === groupVersion).map(({ plural, kind, namespaced, shortNames }) => ({
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs: kind === 'Pod' ? ['create', 'delete', 'get', 'list'] : ['get', 'list'],
    shortNames,
  }));
  return json(200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources });
}
