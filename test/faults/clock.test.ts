import { describe, expect, it } from 'vitest';
import { parseClusterEvent } from '../../shared/domain/snapshot/event.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { reactToEvent } from '../../shared/usecases/react-to-event.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from '../usecases/a-scan.ts';

const { id } = aCluster();
const SETTLE_SECONDS = 15;
const at = (time: string) => `2026-09-01T${time}.000Z`;

async function scan(world: ScanWorld, cause: string) {
  await world.storage.audits.start({ id: cause, startedAt: world.now, cause: 'timer', subscriptions: [] });
  const message = { clusterId: id, cause, auditId: cause, requestedAt: world.now };
  return scanCluster(world.deps, message, true, new AbortController().signal);
}

async function everything({ storage }: ScanWorld) {
  const { findings, assessments } = storage;
  const { version: _, ...held } = await findings.ofCluster(id);
  return { held, history: await findings.clusterHistory(id, { since: '2026-01-01' }), evidence: await assessments.get(id) };
}

describe('a clock that is moved back an hour', () => {
  it('loses and invents no finding, and the first scan after the clock has caught up recovers', async () => {
    const world = new ScanWorld();
    world.now = at('12:00:00');
    world.workloads = [BAD];
    await scan(world, 'before');
    const before = await everything(world);

    // The cluster changes while the clock is behind: one finding would resolve, another would open.
    world.workloads = [{ ...BAD, ownerName: 'worse' }];
    for (const time of ['11:00:00', '11:30:00', '11:58:59']) {
      world.now = at(time);
      expect(await scan(world, `behind-${time}`)).toMatchObject({ assessment: 'superseded', changes: [], changed: 0 });
      expect(await everything(world)).toEqual(before);
      const [told] = (await world.storage.audits.get(`behind-${time}`))?.clusters ?? [];
      expect(told).toMatchObject({ state: 'not-assessed', changed: 0 });
      expect(told?.reasons).toEqual([{ code: 'conflict', message: expect.stringContaining('The clock of this app shows') }]);
    }

    world.now = at('12:00:01');
    await scan(world, 'after');
    const { held, history } = await everything(world);
    expect(held.findings.map(({ subject, status }) => [subject.kind === 'workload' && subject.ownerName, status]).toSorted()).toEqual([
      ['bad', 'resolved'],
      ['worse', 'open'],
    ]);
    expect(history.map(({ cause, kind }) => `${cause} ${kind}`).toSorted()).toEqual(['after opened', 'after resolved', 'before opened']);
  });

  it('does not block the scan for an event, although a claim from before the change would last an hour', async () => {
    const storage = createMemoryStorage();
    let now = at('12:00:00');
    const deps = { events: storage.events, messages: storage.messages, clock: () => new Date(now), settleSeconds: SETTLE_SECONDS };
    const react = (event: string) => {
      const read = parseClusterEvent({
        topic: id,
        subject: 'shop',
        eventType: 'Microsoft.ContainerService.NodePoolRollingSucceeded',
        id: event,
        data: { nodePoolName: 'kata1' },
        dataVersion: '1',
        eventTime: now,
      });
      return 'clusterId' in read ? reactToEvent(deps, read) : expect.unreachable();
    };
    expect(await react('e1')).toBe('queued');
    expect(await react('e2')).toBe('coalesced');

    now = at('11:00:10');
    expect(await react('e3')).toBe('queued');
    expect(await react('e4')).toBe('coalesced');
    expect(storage.queued.filter(({ queue }) => queue === 'scans')).toHaveLength(2);
  });

  it('in the middle of an audit leaves it complete, without negative durations', async () => {
    const { audits } = createMemoryStorage();
    const auditId = 'a';
    await audits.start({ id: auditId, startedAt: at('12:00:00'), cause: 'timer', subscriptions: ['s'] });
    await audits.recordSubscription({ auditId, subscriptionId: 's', at: at('11:00:05'), outcome: { state: 'listed', clusters: 1 } });
    await audits.recordCluster({ auditId, clusterId: id, at: at('11:00:06'), state: 'planned', reasons: [], changed: 0 });
    await audits.recordCluster({ auditId, clusterId: id, at: at('11:00:07'), state: 'assessed', reasons: [], changed: 3 });

    const report = (await audits.get(auditId)) ?? expect.unreachable();
    expect(auditOutcome(report, new Date(at('11:00:08')))).toMatchObject({
      state: 'complete',
      planned: 1,
      scanned: 1,
      changed: 3,
      durationSeconds: 0,
    });
  });
});
