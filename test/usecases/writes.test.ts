import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import type { PublicationMessage } from '../../shared/ports/messages.ts';
import { canaryProofs } from '../../shared/usecases/canary-proofs.ts';
import { deliverDigest, routeNotification } from '../../shared/usecases/deliver-notification.ts';
import { endAudit, endOverdueAudits } from '../../shared/usecases/end-audit.ts';
import { inventorySubscription } from '../../shared/usecases/inventory-subscription.ts';
import { dropMessage, parkMessage, replayMessage } from '../../shared/usecases/park-message.ts';
import { planAudit } from '../../shared/usecases/plan-audit.ts';
import { planScans } from '../../shared/usecases/plan-scans.ts';
import { pruneHistory } from '../../shared/usecases/prune-history.ts';
import { planPublications, publish } from '../../shared/usecases/publish/publish.ts';
import type { Publisher } from '../../shared/usecases/publish/publisher.ts';
import { reactToEvent } from '../../shared/usecases/react-to-event.ts';
import { receiveEvent } from '../../shared/usecases/receive-event.ts';
import { recordSentLook } from '../../shared/usecases/record-sent-look.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aKataNode, someSettings } from '../support/a-snapshot.ts';
import { SlowWrites } from '../support/slow-stores.ts';
import { BAD, ScanWorld } from './a-scan.ts';
import { aSentLook } from './a-sent-look.ts';

const { id: clusterId, subscriptionId } = aCluster();
const AUDIT = 'audit-1';
const signal = new AbortController().signal;
const FAILED = { queue: 'scans', id: 'm1', body: '{}', dequeueCount: 5 };
const TARGET = { name: 'on-call', format: 'slack', severity: 'high', digestSeconds: 30 } as const;
const event = (kind: 'rolling-failed' | 'deleted') => ({ id: 'e1', clusterId, kind, at: '2026-09-01T12:00:00.000Z', nodePool: 'kata1' });

/** An app with one cluster whose writes take longer than its reads. */
function aWorld() {
  const world = new ScanWorld();
  world.workloads = [BAD];
  const slow = new SlowWrites();
  const say = slow.write('say', async () => undefined);
  const takeBack = slow.write('take back', async (): Promise<'gone'> => 'gone');
  let isSaid = true;
  const said = async () => ({ sayings: isSaid ? [{ name: 'n', digest: 'd', say }] : [], takeBack });
  const publisher: Publisher = { service: 'defender', mode: 'on', newest: async () => AUDIT, ofSubscription: said, ofCluster: said };
  const policy = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, managementGroups: ['denied'] } };
  const deps = {
    ...world.deps,
    ...slow.stores(world.storage),
    azure: {
      ...world.deps.azure,
      listSubscriptions: () => Promise.reject(new Fault('denied', '403')),
      listEstate: async () => ({ clusters: [aCluster()], notListed: [], detours: [] }),
      listClusters: async () => ({ clusters: [aCluster()] }),
    },
    policy: async () => ({ policy, hash: 'h', source: 'test' }),
    scope: { subscriptions: [subscriptionId], managementGroups: [] },
    newId: () => AUDIT,
    jitterSeconds: () => 0,
    settleSeconds: 15,
    notify: slow.write('notify', async () => undefined),
    ownTargets: [TARGET],
    notifierOf: () => ({ deliver: slow.write('deliver', async () => undefined) }),
    pruneCache: slow.write('prune the cache', async () => 0),
    publishers: [publisher],
  };
  const { storage } = world;
  return {
    world,
    storage,
    slow,
    deps,
    scan: (cause = AUDIT) => scanCluster(world.deps, { clusterId, cause, requestedAt: world.now }, true, signal),
    startAudit: () => storage.audits.start({ id: AUDIT, startedAt: '2026-09-01T06:00:00.000Z', cause: 'timer', subscriptions: [] }),
    publish: (of: { readonly subscriptionId: string } | { readonly clusterId: string }) => {
      const message: PublicationMessage = { service: 'defender', ...of };
      return publish(deps, message, true, signal);
    },
    saysNothing: () => {
      isSaid = false;
    },
  };
}
type World = ReturnType<typeof aWorld>;
const scanMessage = { clusterId, cause: AUDIT, auditId: AUDIT, requestedAt: '2026-09-01T12:00:00.000Z' };
const PRUNED = ['findings', 'audits', 'trend', 'events', 'parked'].map((store) => `${store}.prune`);

it.each<[string, (world: World) => Promise<unknown>, readonly string[]]>([
  [
    'planning an audit: first the audit, last the messages',
    ({ deps }) => planAudit(deps, 'timer', signal),
    ['audits.start', 'audits.recordSubscription', 'messages.inventory'],
  ],
  [
    'planning scans: every cluster before the first message',
    ({ deps }) => planScans(deps, ['one', 'two']),
    ['audits.start', 'audits.recordCluster', 'audits.recordCluster', 'messages.scan', 'messages.scan'],
  ],
  [
    'an inventory: each cluster is planned before it is queued, and the subscription is reported last',
    ({ deps }) => inventorySubscription(deps, { auditId: AUDIT, subscriptionId }, true, signal),
    ['audits.recordCluster', 'messages.scan', 'audits.recordSubscription'],
  ],
  [
    'a scan: findings, evidence, notification, and the report to the audit last',
    ({ deps }) => scanCluster(deps, scanMessage, true, signal),
    ['findings.write', 'assessments.put', 'notify', 'audits.recordCluster'],
  ],
  [
    'a scan that reads a notice: it is bound to the cluster first',
    async ({ deps, world, storage }) => {
      world.listed = {
        cluster: aCluster(),
        settings: someSettings({ resourceUid: 'a' }),
        nodePools: { state: 'unavailable', reason: { code: 'denied', message: '403' } },
      };
      await storage.events.note(clusterId, { matter: 'rolling', kind: 'rolling-failed', nodePool: 'kata1', at: world.now }, world.now);
      await scanCluster(deps, scanMessage, true, signal);
    },
    ['events.note', 'findings.write', 'assessments.put', 'notify', 'audits.recordCluster'],
  ],
  [
    'a scan of a deleted cluster',
    async ({ deps, world, scan }) => {
      await scan();
      world.listed = new Fault('not-found', '404');
      world.now = '2026-09-01T18:00:00.000Z';
      await scanCluster(deps, scanMessage, true, signal);
    },
    ['events.dropNotices', 'findings.write', 'notify', 'audits.recordCluster'],
  ],
  [
    'a pushed snapshot',
    ({ deps }) => recordSentLook(deps, { clusterId, snapshot: aSentLook() }, signal),
    ['findings.write', 'assessments.put', 'notify'],
  ],
  [
    'the end of an audit: the earlier days and the present one before the audit, so that a crash repeats them',
    async ({ deps, startAudit, scan }) => {
      await scan();
      await startAudit();
      await endAudit(deps, AUDIT);
    },
    ['trend.put', 'trend.rebuilt', 'trend.put', 'audits.end'],
  ],
  [
    'the end of an audit that nobody ended',
    async ({ deps, startAudit }) => {
      await startAudit();
      await endOverdueAudits(deps);
    },
    ['audits.end'],
  ],
  [
    'an event: it is remembered last',
    ({ deps }) => reactToEvent(deps, event('rolling-failed')),
    ['events.note', 'events.tryClaim', 'messages.scan', 'events.remember'],
  ],
  [
    'the event of a deletion',
    ({ deps }) => reactToEvent(deps, event('deleted')),
    ['events.dropNotices', 'events.tryClaim', 'messages.scan', 'events.remember'],
  ],
  [
    'an event that cannot be read',
    ({ deps }) => receiveEvent(deps, { eventType: 'Microsoft.ContainerService.ClusterX', topic: 'x' }),
    ['parked.park'],
  ],
  ['a failed message', ({ deps }) => parkMessage(deps, FAILED, 'r'), ['parked.park']],
  [
    'sending a failed message again: it is settled last',
    async ({ deps, storage }) => replayMessage(deps, (await parkMessage({ ...deps, ...storage }, FAILED, 'r')).id),
    ['messages.raw', 'parked.settle'],
  ],
  ['dropping a failed message', ({ deps }) => dropMessage(deps, 'm1'), ['parked.settle']],
  [
    'a notification: it waits before its digest is claimed',
    async ({ deps, scan }) => {
      await scan();
      await routeNotification(deps, { clusterId, cause: AUDIT });
    },
    ['outbox.add', 'events.tryClaim', 'messages.digest'],
  ],
  [
    'a full digest: it is forgotten after its delivery',
    async ({ deps, storage, scan, world }) => {
      await scan();
      for (let at = 0; at < 499; at++) await storage.outbox.add('on-call', { clusterId, cause: `c${at}`, at: world.now });
      await storage.outbox.add('on-call', { clusterId, cause: AUDIT, at: world.now });
      await deliverDigest(deps, { target: 'on-call' }, signal);
    },
    ['deliver', 'outbox.remove', 'messages.digest'],
  ],
  ['pruning', ({ deps }) => pruneHistory(deps, signal), [...PRUNED, 'prune the cache']],
  [
    'planning publications: the round is remembered last',
    async ({ deps, scan }) => {
      await scan();
      await planPublications(deps);
    },
    ['messages.publication', 'publications.setRound'],
  ],
  [
    'publishing of a subscription: recorded, written, recorded, and then its clusters',
    async ({ publish, scan }) => {
      await scan();
      await publish({ subscriptionId });
    },
    ['publications.put', 'say', 'publications.put', 'messages.publication'],
  ],
  [
    'withdrawing: forgotten only after the resource',
    async ({ storage, publish, saysNothing }) => {
      const items = { n: { digest: 'd', at: '2026-09-01T12:00:00.000Z', state: 'there' } } as const;
      await storage.publications.put({ service: 'defender', scope: clusterId.toLowerCase(), items }, undefined);
      saysNothing();
      await publish({ clusterId });
    },
    ['publications.put', 'take back', 'publications.forget'],
  ],
  [
    'probing by canaries: leftover ones are deleted first, and one runs at a time',
    async ({ slow }) => {
      const read = async () => ({ state: 'unknown', reason: 'r' }) as const;
      const probe = {
        sweep: slow.write('sweep', async () => 0),
        canary: slow.write('canary', read),
        exec: read,
        close: () => undefined,
      };
      const ground = { nodes: [aKataNode()], handlers: new Map([['kata-vm-isolation', 'kata']]), observedAt: '2026-09-01T12:00:00.000Z' };
      await canaryProofs(probe, ground, { ...DEFAULT_POLICY.probe, image: 'registry/canary:1' }, signal);
    },
    ['sweep', 'canary', 'canary'],
  ],
])('a use case makes its writes one after another and ends no earlier than the last: %s', async (_, run, writes) => {
  const world = aWorld();
  await run(world);
  expect({ done: world.slow.done, underWay: world.slow.underWay }).toEqual({ done: writes, underWay: [] });
});
