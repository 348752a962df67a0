import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { type ClusterNotice, isFromAhead, noticeEnds, noticeOf, noticesInForce } from '../../../shared/domain/snapshot/notice.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const event = (over: Partial<ClusterEvent>): ClusterEvent => ({
  id: 'e',
  clusterId: 'c',
  kind: 'rolling-started',
  at: '2026-11-23T11:00:00.000Z',
  ...over,
});
const notice = (over: Partial<ClusterNotice> = {}): ClusterNotice => ({ matter: 'rolling', kind: 'rolling-started', at: NOW, ...over });

describe('an event', () => {
  it.each<[string, Partial<ClusterEvent>, ClusterNotice | undefined]>([
    ['of a pool that is being upgraded', { nodePool: 'Kata' }, notice({ nodePool: 'kata', at: '2026-11-23T11:00:00.000Z' })],
    ['without a pool', { kind: 'rolling-failed' }, notice({ kind: 'rolling-failed', at: '2026-11-23T11:00:00.000Z' })],
    ['that is dated in the future', { at: '2026-11-24T00:00:00.000Z' }, notice({ at: NOW })],
    [
      'of support that ends soon',
      { kind: 'support-ending', kubernetesVersion: '1.30.1', nodePool: 'kata' },
      { matter: 'support', kind: 'support-ending', at: '2026-11-23T11:00:00.000Z', kubernetesVersion: '1.30.1' },
    ],
    [
      'of support that has ended',
      { kind: 'support-ended', kubernetesVersion: '1.30.1' },
      { matter: 'support', kind: 'support-ended', at: '2026-11-23T11:00:00.000Z', kubernetesVersion: '1.30.1' },
    ],
    ['of support without a version', { kind: 'support-ended' }, undefined],
    ['of a change, which a scan shows', { kind: 'changed' }, undefined],
    ['of a deletion', { kind: 'deleted' }, undefined],
    ['of a new version', { kind: 'new-version', kubernetesVersion: '1.36.0' }, undefined],
  ])('%s leaves a notice of what a scan cannot show', (_, over, expected) => expect(noticeOf(event(over), NOW)).toEqual(expected));
});

it.each([
  ['rolling-started', '2026-11-24T12:00:00.000Z'],
  ['rolling-succeeded', '2026-11-24T12:00:00.000Z'],
  ['rolling-failed', '2026-12-23T12:00:00.000Z'],
  ['support-ending', '2027-11-24T12:00:00.000Z'],
  ['support-ended', '2027-11-24T12:00:00.000Z'],
  ['changed', NOW],
] as const)('a notice of %s ends at %s', (kind, ends) => {
  expect(noticeEnds(notice({ kind }))).toBe(ends);
  const before = new Date(Date.parse(ends) - 1).toISOString();
  expect(noticesInForce([notice({ kind })], {}, ends)).toEqual([]);
  expect(noticesInForce([notice({ kind })], {}, before)).toHaveLength(1);
});

it.each([
  ['a minute', '2026-11-23T12:01:00.000Z', false],
  ['more than a minute', '2026-11-23T12:01:00.001Z', true],
])('a notice that is ahead by %s is checked for a wrong clock', (_, at, expected) => {
  expect(isFromAhead(notice({ at }), NOW)).toBe(expected);
  expect(noticesInForce([notice({ at })], {}, NOW)).toHaveLength(expected ? 0 : 1);
});

it.each([
  ['the same cluster', 'a', 'a', 1],
  ['another one with its name', 'a', 'b', 0],
  ['no known one', undefined, 'a', 1],
  ['one without a resource UID', 'a', undefined, 1],
])('a notice of %s counts, or not', (_, noticed, looked, count) => {
  const one = notice(noticed === undefined ? {} : { resourceUid: noticed });
  expect(noticesInForce([one], looked === undefined ? {} : { resourceUid: looked }, NOW)).toHaveLength(count);
});
