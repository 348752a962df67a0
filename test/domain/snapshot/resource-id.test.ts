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

  const of = (group: string, cluster: string, below = '') => parseClusterId(ID.replace('Shop', group).replace(/Web$/, cluster) + below);
  const long = (length: number) => 'a'.repeat(length);
  it.each([
    ['groups', ['a', 'Straße', '(a).b_c-d', '_', long(90)], ['', 'a.', 'a b', 'a/b', 'a\nb', long(91)], (name: string) => of(name, 'Web')],
    ['clusters', ['a', 'A-b_c9', long(63)], ['', '-a', 'a-', '_a', 'a_', 'a.b', 'a\n', long(64)], (name: string) => of('Shop', name)],
    [
      'pools',
      ['a', 'Kata1', 'a-b', long(63)],
      ['-a', 'a\n', 'a b', long(64)],
      (name: string) => of('Shop', 'Web', `/agentPools/${name}`)?.nodePool,
    ],
  ] as const)('takes the names of %s that Azure takes, and no others', (_, names, others, read) => {
    expect(names.filter((name) => read(name) === undefined)).toEqual([]);
    expect(others.filter((name) => read(name) !== undefined)).toEqual([]);
  });

  it('reads the cluster of any resource below it, and accepts no text before or after an id', () => {
    expect(of('Shop', 'Web', '/agentPools/kata1/machines/m.1')).toMatchObject({ nodePool: 'kata1' });
    expect(of('Shop', 'Web', '/privateEndpointConnections/x-1')).not.toHaveProperty('nodePool');
    for (const id of [`x${ID}`, `\n${ID}`, `${ID}\n`, `${ID}/a b`, ID.replace('.Container', 'xContainer')])
      expect(parseClusterId(id)).toBeUndefined();
  });

  it('returns the same canonical id and key for every spelling', () => {
    const parts = parseClusterId(ID);
    if (parts === undefined) throw new Error('the id is readable');
    expect(formatClusterId(parts)).toBe(ID.toLowerCase());
    expect(clusterKey(ID)).toBe(clusterKey(ID.toUpperCase()));
    // What is stored is found again by it, so that no version may change it.
    expect(clusterKey(ID)).toBe('15f2802389b19fe3');
    expect(clusterKey(`${ID}2`)).not.toBe(clusterKey(ID));
  });
});

describe('isSubscriptionId', () => {
  it.each([
    ['0b1f6471-1bf0-4dda-aec3-111122223333', true],
    ['0b1f6471-1bf0-4dda-aec3-11112222333', false],
    ['0b1f6471-1bf0-4dda-aec3-111122223333 ', false],
    ['0B1F6471-1BF0-4DDA-AEC3-111122223333', true],
    ['\n0b1f6471-1bf0-4dda-aec3-111122223333', false],
    ['x0b1f6471-1bf0-4dda-aec3-111122223333', false],
    ['0b1f64711bf04ddaaec3111122223333', false],
    ['', false],
  ])('checks %j: %j', (text, expected) => {
    expect(isSubscriptionId(text)).toBe(expected);
  });
});
