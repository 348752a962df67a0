import { describe, expect, it } from 'vitest';
import roles from '../../../infra/roles/permissions.json' with { type: 'json' };
import { dataAction, isAllowed, PERMISSIONS } from '../../../shared/domain/access/permissions.ts';

const AKS = 'Microsoft.ContainerService/managedClusters';
const actionsOf = (...purposes: readonly string[]) =>
  PERMISSIONS.filter(({ purpose }) => purposes.includes(purpose)).map(({ action }) => action);

describe('PERMISSIONS', () => {
  it('are, for an audit, those of the auditor role', () => {
    expect(actionsOf('audit').sort()).toEqual([...roles.auditor.actions, ...roles.auditor.dataActions].sort());
  });

  it('are, for reading volumes, those of the optional role', () => {
    expect(actionsOf('volumes')).toEqual(roles.volumeReader.dataActions);
  });

  it('are, for reading pod templates, those of the optional role', () => {
    expect(actionsOf('templates')).toEqual(roles.templateReader.dataActions);
  });

  it('are, for a probe, those of its role, because its identity has no other', () => {
    expect([...new Set(actionsOf('exec'))].sort()).toEqual([...roles.execProber.dataActions].sort());
    expect([...new Set(actionsOf('canary'))].sort()).toEqual([...roles.canaryProber.dataActions].sort());
  });
});

it('what the API server is asked about is each thing that is done there, and no more', () => {
  const asked = PERMISSIONS.flatMap((one) => {
    if (one.plane === 'azure') return [];
    const { verb, group, resource, subresource } = one.attributes;
    return [[one.purpose, verb, [group, resource, subresource].filter(Boolean).join('/')].join(' ')];
  });
  const admission = 'guardrail list admissionregistration.k8s.io/';
  expect(asked).toEqual([
    ...['audit list nodes', 'audit list namespaces', 'audit list pods', 'audit list node.k8s.io/runtimeclasses'],
    'volumes list persistentvolumes',
    ...['deployments', 'statefulsets', 'daemonsets'].map((kind) => `templates list apps/${kind}`),
    'templates list batch/cronjobs',
    ...['validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map((kind) => admission + kind),
    ...['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].map((kind) => admission + kind),
    ...['exec get pods', 'exec get pods/exec'],
    ...['canary create pods', 'canary get pods', 'canary list pods', 'canary get pods/log', 'canary delete pods'],
  ]);
});

describe('dataAction', () => {
  it.each([
    ['list', '', 'nodes', undefined, `${AKS}/nodes/read`],
    ['list', 'node.k8s.io', 'runtimeclasses', undefined, `${AKS}/node.k8s.io/runtimeclasses/read`],
    ['get', '', 'pods', 'exec', `${AKS}/pods/exec/action`],
    ['get', '', 'pods', 'log', `${AKS}/pods/read`],
    ['create', '', 'pods', undefined, `${AKS}/pods/write`],
    ['delete', '', 'pods', undefined, `${AKS}/pods/delete`],
    ['get', '', 'others', 'exec', `${AKS}/others/read`],
  ] as const)('of %s %s %s %s is %s', (verb, group, resource, subresource, expected) => {
    expect(dataAction({ verb, group, resource, ...(subresource === undefined ? {} : { subresource }) })).toBe(expected);
  });
});

describe('isAllowed', () => {
  const allowed = (actions: readonly string[], notActions: readonly string[] = []) => isAllowed(`${AKS}/read`, [{ actions, notActions }]);

  it.each([
    [`${AKS}/read`, true],
    [`${AKS}/READ`.toUpperCase(), true],
    ['*', true],
    ['*/read', true],
    ['Microsoft.ContainerService/*', true],
    ['Microsoft.ContainerService/*/read', true],
    ['Microsoft.*/managedClusters/*', true],
    ['*read*', true],
    [`${AKS}/write`, false],
    [AKS, false],
    ['*/write', false],
    ['Microsoft.Compute/*', false],
    ['Microsoft.ContainerService/managedClusters/*/read', false],
    [`${AKS}/read*/read`, false],
    ['*read*read', false],
    ['*Microsoft*/read', true],
    ['*Compute*/read', false],
    ['', false],
  ])('by %s is %s', (pattern, expected) => {
    expect(allowed([pattern])).toBe(expected);
  });

  it('is false when the same set excludes the action', () => {
    expect(allowed(['*'], ['*/read'])).toBe(false);
  });

  it('is true when one set excludes an action and another one allows it', () => {
    const sets = [
      { actions: ['*'], notActions: ['*/read'] },
      { actions: ['*/read'], notActions: [] },
    ];
    expect(isAllowed(`${AKS}/read`, sets)).toBe(true);
  });

  it('is false without any set', () => {
    expect(isAllowed(`${AKS}/read`, [])).toBe(false);
  });
});
