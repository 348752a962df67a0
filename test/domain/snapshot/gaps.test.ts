import { describe, expect, it } from 'vitest';
import { evidenceGaps } from '../../../shared/domain/snapshot/gaps.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aCluster, aKataPool, aSnapshot, type SnapshotParts, someSettings } from '../../support/a-snapshot.ts';

const hidden = unavailable('denied', 'no');
const unread = (count: number) => Array.from({ length: count }, (_, at) => ({ of: 'count', field: `f${at}`, problem: 'odd' }));
const gaps = (over: SnapshotParts) => evidenceGaps(aSnapshot(over));
const gap = (evidence: string, code: string, message: unknown = expect.any(String)) => ({ evidence, reason: { code, message } });

describe('the gaps of the evidence', () => {
  it('are empty where everything was read, and for a part that was not requested', () => {
    expect(gaps({ isolationProofs: unavailable('not-asked', 'off') })).toEqual([]);
    expect(gaps({ settings: observed(someSettings({ plannedUpgrade: observed({ state: 'unplanned', why: 'w' }) })) })).toEqual([]);
  });

  it.each<[string, SnapshotParts, readonly object[]]>([
    ['a part that could not be read', { nodes: hidden }, [gap('nodes', 'denied', 'no')]],
    [
      'every such part',
      {
        ...{ settings: hidden, nodePools: hidden, latestImages: hidden, nodes: hidden, runtimeClasses: hidden, namespaces: hidden },
        ...{ workloads: hidden, templates: hidden, isolationProofs: hidden, guardrails: hidden },
      },
      [
        ...['settings', 'nodePools', 'latestImages', 'nodes', 'runtimeClasses', 'namespaces', 'workloads', 'templates'],
        ...['isolationProofs', 'guardrails'],
      ].map((part) => gap(part, 'denied')),
    ],
    [
      'a part that was read incompletely',
      { nodePools: observed([], { kind: 'truncated', message: 'one has no name' }) },
      [gap('nodePools', 'too-large', 'one has no name')],
    ],
    [
      'an upgrade profile that could not be read',
      {
        latestImages: observed([
          { nodePool: 'a', image: observed('i') },
          { nodePool: 'b', image: hidden },
        ]),
      },
      [gap('latestImages', 'denied', 'no')],
    ],
    [
      'a field of a pool that could not be read',
      { nodePools: observed([aKataPool(), aKataPool({ unread: unread(1) })]) },
      [gap('nodePools', 'malformed', expect.stringContaining('f0: odd'))],
    ],
    [
      'a field of the settings, and windows that could not be read',
      { settings: observed(someSettings({ unread: unread(1), plannedUpgrade: hidden })) },
      [gap('settings', 'malformed'), gap('settings', 'denied', 'no')],
    ],
    [
      'a field of the cluster that could not be read',
      { cluster: aCluster({ unread: unread(1) }) },
      [gap('cluster', 'malformed', expect.stringContaining('f0: odd'))],
    ],
  ])('contain %s', (_, over, expected) => {
    expect(gaps(over)).toEqual(expected);
  });

  it.each([
    [10, 10, 'f9: odd'],
    [11, 11, '1 more reasons'],
    [500, 11, '490 more reasons'],
  ])('fit into a row when %d fields of a part are unreadable', (fields, count, last) => {
    const all = gaps({ nodePools: observed([aKataPool({ unread: unread(fields) })]) });
    expect(all).toHaveLength(count);
    expect(all.at(-1)).toEqual(gap('nodePools', 'malformed', expect.stringContaining(last)));
  });
});
