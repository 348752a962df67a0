import { describe, expect, it } from 'vitest';
import { withNotices, withSupport } from '../../../shared/domain/maintenance/heard.ts';
import { type ClusterEvent, parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { type ClusterNotice, noticeOf, noticesInForce } from '../../../shared/domain/snapshot/notice.ts';
import type { NodePool } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataPool, someSettings } from '../../support/a-snapshot.ts';

const AT = '2026-11-20T18:00:00.000Z';
const later = (minutes: number) => new Date(Date.parse(AT) + minutes * 60_000).toISOString();
const HOUR = 60;
const DAY = 24 * HOUR;

const event = (kind: ClusterEvent['kind'], over: Partial<ClusterEvent> = {}): ClusterEvent => ({
  id: 'e',
  clusterId: '/subscriptions/s/c',
  kind,
  at: AT,
  ...(kind.startsWith('rolling') ? { nodePool: 'KATA1' } : {}),
  ...over,
});
const noticed = (kind: ClusterEvent['kind'], over: Partial<ClusterEvent> = {}): readonly ClusterNotice[] => {
  const made = noticeOf(event(kind, over), over.at ?? AT);
  return made === undefined ? [] : [made];
};
/** The state of a pool in a scan that many minutes after the event. */
function seen(kind: ClusterEvent['kind'], minutes: number, pool: Partial<NodePool>): 'rolling' | 'failed' | 'nothing' {
  const now = later(minutes);
  const { inTransition, rollFailedAt } = withNotices(aKataPool(pool), noticesInForce(noticed(kind), {}, now), now);
  return inTransition === true ? 'rolling' : rollFailedAt === AT ? 'failed' : 'nothing';
}

const KINDS: Readonly<Record<string, ClusterEvent['kind']>> = {
  started: 'rolling-started',
  failed: 'rolling-failed',
  succeeded: 'rolling-succeeded',
};

describe('a notice of a node pool upgrade', () => {
  const OLD = 'AKSAzureLinux-V3katagen2-202611.01.0';

  it.each([
    ['started', 1, { provisioningState: 'Succeeded' }, 'rolling', 'what Azure says may lag behind the event'],
    ['started', 11, { provisioningState: 'Succeeded' }, 'nothing', 'Azure says that the pool is settled'],
    ['started', 11, { provisioningState: 'UpgradingNodeImageVersion' }, 'rolling', 'Azure says the same'],
    ['started', 11, { provisioningState: 'Failed' }, 'nothing', 'the roll failed, and its event was lost'],
    ['started', DAY - 1, { provisioningState: 'Updating' }, 'rolling', 'it may take a day'],
    ['started', DAY, { provisioningState: 'Updating' }, 'nothing', 'no roll takes longer'],
    ['failed', 1, { provisioningState: 'Succeeded' }, 'failed', 'a failure is told at once'],
    ['failed', 11, { provisioningState: 'Succeeded' }, 'nothing', 'Azure says that the pool succeeded since'],
    ['failed', 1, { provisioningState: 'Upgrading' }, 'nothing', 'it is tried again'],
    ['failed', 29 * DAY, { provisioningState: 'Failed' }, 'failed', 'nothing newer was said'],
    ['failed', 30 * DAY, { provisioningState: 'Failed' }, 'nothing', 'its time is over'],
    [
      'failed',
      1,
      { provisioningState: 'Failed', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202611.21.0' },
      'nothing',
      'the image is newer',
    ],
    [
      'failed',
      1,
      { provisioningState: 'Failed', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202611.20.0' },
      'failed',
      'the image is of the same day',
    ],
    ['succeeded', 1, { provisioningState: 'Succeeded' }, 'nothing', 'all is well'],
  ])('that %s, %i minutes later: %o is %s, because %s', (kind, minutes, pool, expected, _because) => {
    expect(seen(KINDS[kind] ?? 'changed', minutes, { nodeImageVersion: OLD, ...pool })).toBe(expected);
  });

  it('applies to its own pool, whatever the case of its name', () => {
    const [notice] = noticed('rolling-failed');
    expect(notice).toMatchObject({ nodePool: 'kata1' });
    expect(withNotices(aKataPool({ name: 'other' }), noticed('rolling-failed'), AT)).toEqual(aKataPool({ name: 'other' }));
  });

  it('dated in the future counts as received now, and ends like any other', () => {
    const [notice] = [noticeOf(event('rolling-started', { at: '2030-01-01T00:00:00.000Z' }), AT)];
    expect(notice).toMatchObject({ at: AT });
  });

  it('that was stored with a date in the future does not count', () => {
    const kept: ClusterNotice = { matter: 'rolling', kind: 'rolling-started', nodePool: 'kata1', at: '2030-01-01T00:00:00.000Z' };
    expect(noticesInForce([kept], {}, AT)).toEqual([]);
    expect(noticesInForce([kept], {}, '2030-01-01T00:00:01.000Z')).toEqual([kept]);
  });

  it('ends with the cluster, because a cluster created again under its name has another id', () => {
    const bound = noticed('rolling-failed').map((notice) => ({ ...notice, resourceUid: 'a' }));
    expect(noticesInForce(bound, { resourceUid: 'b' }, later(1))).toEqual([]);
    expect(noticesInForce(bound, { resourceUid: 'a' }, later(1))).toEqual(bound);
    expect(noticesInForce(bound, {}, later(1))).toEqual(bound);
    expect(noticesInForce(noticed('rolling-failed'), { resourceUid: 'b' }, later(1))).toHaveLength(1);
  });
});

describe('a notice of support', () => {
  const told = (kubernetesVersion: string | undefined, of = '1.30.4', now = AT) =>
    withSupport(
      someSettings(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
      noticesInForce(noticed('support-ended', { kubernetesVersion: of }), {}, now),
    ).supportNotice;

  it.each([
    ['1.30.4', '1.30.4', true],
    ['1.30.11', '1.30.4', true],
    ['1.30', '1.30.4', true],
    ['1.31.4', '1.30.4', false],
    ['1.34.2', '1.23.15', false],
    ['1.3.0', '1.30.4', false],
    ['10.30.1', '10.30.4', true],
    ['x1.30.4', '1.30.4', false],
    ['not a version', '1.30.4', false],
    ['not a version', 'not a version', false],
  ])('counts for a cluster with version %s when it is about %s: %s', (version, of, counts) => {
    expect(told(version, of)).toEqual(counts ? { state: 'ended', at: AT, kubernetesVersion: of } : undefined);
  });

  it('ends after a year', () => {
    expect(told('1.30.4', '1.30.4', later(366 * DAY - 1))).toBeDefined();
    expect(told('1.30.4', '1.30.4', later(366 * DAY))).toBeUndefined();
  });

  it('distinguishes support that ends soon from support that has ended', () => {
    const settings = someSettings({ kubernetesVersion: '1.30.4' });
    expect(withSupport(settings, noticed('support-ending', { kubernetesVersion: '1.30.4' })).supportNotice).toMatchObject({
      state: 'ending',
    });
  });

  it('without a version, as 0.1.0 stored it, does not count', () => {
    expect(withSupport(someSettings(), [{ matter: 'support', kind: 'support-ended', at: AT }])).toEqual(someSettings());
    expect(noticed('support-ended')).toEqual([]);
  });

  it('takes its version from the event', () => {
    const parsed = parseClusterEvent({
      topic:
        '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/good',
      subject: 'good',
      eventType: 'Microsoft.ContainerService.ClusterSupportEnded',
      id: '0123456789abcdef0123456789abcdef01234567',
      data: { kubernetesVersion: '1.23.15' },
      dataVersion: '1',
      metadataVersion: '1',
      eventTime: '2023-03-29T18:00:00.0000000Z',
    });
    expect(parsed).toMatchObject({ kind: 'support-ended', kubernetesVersion: '1.23.15' });
  });
});

it('a plain change leaves no notice, because a scan shows it completely', () => {
  expect(noticeOf(event('changed'), AT)).toBeUndefined();
  expect(noticeOf(event('deleted'), AT)).toBeUndefined();
});

describe('what Azure says after an event', () => {
  it.each([
    ['started', 9, { provisioningState: 'Succeeded' }, 'rolling'],
    ['started', 10, { provisioningState: 'Succeeded' }, 'nothing'],
    ['started', 10, { provisioningState: 'Canceled' }, 'nothing'],
    ['started', 10, { provisioningState: 'cancelled' }, 'nothing'],
    ['started', 10, { provisioningState: 'NotSucceeded' }, 'rolling'],
    ['started', 10, { provisioningState: 'SucceededNot' }, 'rolling'],
    ['started', 1, { provisioningState: 'Upgrading' }, 'rolling'],
    ['failed', 10, { provisioningState: 'Failed' }, 'failed'],
    ['failed', 10, { provisioningState: 'NotSucceeded' }, 'failed'],
    ['failed', 10, { provisioningState: 'SucceededNot' }, 'failed'],
    ['failed', 1, { provisioningState: 'NotUpgrading' }, 'failed'],
    ['failed', 9, { provisioningState: 'succeeded' }, 'failed'],
  ])('that a pool %s, %i minutes later: %o is %s', (kind, minutes, pool, expected) => {
    expect(seen(KINDS[kind] ?? 'changed', minutes, { nodeImageVersion: 'mine', ...pool })).toBe(expected);
  });

  it('counts for a pool regardless of the case of its name, and not by notices about support', () => {
    expect(withNotices(aKataPool({ name: 'Kata1' }), noticed('rolling-started'), AT)).toMatchObject({ inTransition: true });
    const support: ClusterNotice = { matter: 'support', kind: 'support-ended', nodePool: 'kata1', at: AT };
    expect(withNotices(aKataPool(), [support, ...noticed('rolling-started')], AT)).toMatchObject({ inTransition: true });
    const rolling: ClusterNotice = { matter: 'rolling', kind: 'rolling-started', at: AT, kubernetesVersion: '1.30.4' };
    const settings = someSettings({ kubernetesVersion: 'v1.30.1' });
    expect(withSupport(settings, [rolling])).toEqual(settings);
    expect(withSupport(settings, noticed('support-ended', { kubernetesVersion: 'v1.30' })).supportNotice?.state).toBe('ended');
  });
});
