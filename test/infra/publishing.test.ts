import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ofType, type Resource, readDeployment, readTexts } from './checks/deployment.ts';

const { evaluated } = readDeployment(readTexts(resolve(import.meta.dirname, '../..')));
const resourcesOf = (name: string): readonly Resource[] => evaluated.get(name) ?? [];
const rolesOf = (name: string) =>
  ofType(resourcesOf(name), 'Microsoft.Authorization/roleDefinitions').map(({ properties }) => String(properties?.roleName));
const ofPolicy = (name: string) =>
  resourcesOf(name).filter(({ type }) => /^Microsoft\.Authorization\/policy(Definitions|Assignments)(@|$)/.test(type));
const reasonsOf = (name: string) =>
  ofType(resourcesOf(name), 'Microsoft.Authorization/roleAssignments').map(({ properties }) => String(properties?.description));

describe('the resources for publishing', () => {
  it.each(['main-defaults', 'main-two-subscriptions'])('are absent by default (%s)', (name) => {
    expect(rolesOf(name).filter((role) => /Defender Publisher|Attester/.test(role))).toEqual([]);
    expect(ofPolicy(name)).toEqual([]);
    expect(reasonsOf(name).filter((reason) => /assessments|attests/.test(reason))).toEqual([]);
  });

  it('are assigned once for a whole management group', () => {
    expect(rolesOf('management-group').filter((role) => /Defender Publisher|Attester/.test(role))).toHaveLength(2);
    const [definition, assignment] = ofPolicy('management-group').toSorted((one, other) => (one.type > other.type ? -1 : 1));
    expect(definition?.properties).toEqual(ofPolicy('main-full').find(({ type }) => type.includes('Definitions'))?.properties);
    expect(assignment?.name?.length).toBeLessThanOrEqual(24);
  });

  it('are present when publishing is on: two assigned roles, and the manual policy', () => {
    expect(rolesOf('main-full').filter((role) => /Defender Publisher|Attester/.test(role))).toHaveLength(2);
    expect(reasonsOf('main-full').filter((reason) => /assessments|attests/.test(reason))).toHaveLength(2);
    const [definition, assignment] = ofPolicy('main-full').toSorted((one, other) => (one.type > other.type ? -1 : 1));
    expect(definition?.properties).toMatchObject({
      policyType: 'Custom',
      mode: 'Indexed',
    });
    expect(JSON.stringify(definition?.properties?.policyRule)).toBe(
      '{"if":{"field":"type","equals":"Microsoft.ContainerService/managedClusters"},"then":{"effect":"manual","details":{"defaultState":"Unknown"}}}',
    );
    expect(assignment?.properties?.policyDefinitionId).toBe(definition?.id);
    expect(assignment?.name).toBe(definition?.name);
  });
});
