import { describe, expect, it } from 'vitest';
import { clusterKey, formatClusterId, isSubscriptionId, parseClusterId } from '../../../shared/domain/snapshot/resource-id.ts';

const ID =
  '/subscriptions/0B1F6471-1BF0-4DDA-AEC3-111122223333/resourceGroups/Shop/providers/Microsoft.ContainerService/managedClusters/Web';

describe('parseClusterId', () => {
  it('parses an id in any case', () => {
    const expected = { subscriptionId: '0b1f6471-1bf0-4dda-aec3-111122223333', resourceGroup: 'Shop', name: 'Web' };
    expect(parseClusterId(ID)).toEqual(expected);
    expect(parseClusterId(ID.toUpperCase())).toMatchObject({ name: 'WEB' });
  });

  it('parses the cluster and the node pool of an id below a cluster', () => {
    expect(parseClusterId(`${ID}/agentPools/kata1`)).toMatchObject({ name: 'Web', nodePool: 'kata1' });
  });

  it.each([
    '',
    'x',
    ID.slice(1),
    ID.replace('managedClusters', 'fleets'),
    ID.replace('0B1F6471', 'nope'),
    `${ID}x/agentPools`.slice(0, 40),
  ])('refuses %j', (id) => {
    expect(parseClusterId(id)).toBeUndefined();
  });

  it('returns the same canonical id and key for every spelling', () => {
    const parts = parseClusterId(ID);
    if (parts === undefined) throw new Error('the id is readable');
    expect(formatClusterId(parts)).toBe(ID.toLowerCase());
    expect(clusterKey(ID)).toBe(clusterKey(ID.toUpperCase()));
    expect(clusterKey(ID)).toMatch(/^[0-9a-f]{16}$/);
    expect(clusterKey(`${ID}2`)).not.toBe(clusterKey(ID));
  });
});

describe('isSubscriptionId', () => {
  it.each([
    ['0b1f6471-1bf0-4dda-aec3-111122223333', true],
    ['0b1f6471-1bf0-4dda-aec3-11112222333', false],
    ['0b1f6471-1bf0-4dda-aec3-111122223333 ', false],
    ['', false],
  ])('checks %j: %j', (text, expected) => {
    expect(isSubscriptionId(text)).toBe(expected);
  });
});
