import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { notifyBodies } from '../../shared/notify/formats.ts';
import { type DeliverNotification, deliverDigest, routeNotification } from '../../shared/usecases/deliver-notification.ts';
import { aFinding, NOW } from '../http/estate.ts';

const CLUSTERS = 1_000;
const CHANGES = 10;
const signal = new AbortController().signal;
const clusterIdOf = (at: number) =>
  `/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c${at}`;

/** Findings of a cluster, all opened by one scan. */
function findingsOf(clusterId: string) {
  return Array.from({ length: CHANGES }, (_, at) => {
    const subject = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: `w${at}` } as const;
    return aFinding({ id: `${clusterId.split('/').at(-1)}-${at}`, clusterId, subject, severity: 'critical' });
  });
}

/** Fails at every second attempt, which is the worst case of failing half of the time, and keeps what it accepted. */
function receiver() {
  const taken: string[] = [];
  let tries = 0;
  return {
    taken,
    deliver: async (text: string) => {
      tries += 1;
      if (tries % 2 === 1) throw new Fault('unreachable', 'The receiver does not answer.');
      taken.push(text);
    },
  };
}

it('10,000 changes of 1,000 clusters in a minute reach a receiver that fails half of the time, as a few digests and without loss', async () => {
  const { outbox, events, messages, queued } = createMemoryStorage();
  const { taken, deliver } = receiver();
  let now = Date.parse(NOW);
  const deps: DeliverNotification = {
    outbox,
    events,
    messages,
    clock: () => new Date(now),
    policy: async () => ({
      policy: {
        ...DEFAULT_POLICY,
        notifications: {
          targets: [{ name: 'siem', format: 'cloudevents', severity: 'high', digestSeconds: 30 }],
          allowPrivateAddresses: false,
        },
      },
      hash: 'h',
      source: 'test',
    }),
    findings: {
      ofCluster: async (clusterId) => ({ findings: findingsOf(clusterId) }),
      clusterHistory: async (clusterId) =>
        findingsOf(clusterId).map(
          ({ id, ruleId, message }): HistoryEntry => ({
            findingId: id,
            clusterId,
            ruleId,
            at: NOW,
            kind: 'opened',
            cause: 'audit-1',
            severity: 'critical',
            message,
          }),
        ),
    },
    ownTargets: [],
    notifierOf: () => ({
      deliver: (notifications) =>
        deliver(
          notifyBodies('cloudevents', notifications, () => undefined)
            .map(({ body }) => body)
            .join('\n'),
        ),
    }),
  };
  const digests: { readonly at: number; readonly target: string }[] = [];
  let seen = 0;
  const collect = () => {
    for (const { body, delaySeconds } of queued.slice(seen)) digests.push({ at: now + delaySeconds * 1_000, ...JSON.parse(body) });
    seen = queued.length;
  };
  /** A queue returns a message half a minute after a failed attempt. */
  const work = async () => {
    for (const one of digests.splice(0)) {
      if (one.at > now) digests.push(one);
      else await deliverDigest(deps, one, signal).catch(() => digests.push({ ...one, at: now + 30_000 }));
    }
    collect();
  };
  for (let at = 0; at < CLUSTERS; at++) {
    await routeNotification(deps, { clusterId: clusterIdOf(at), cause: 'audit-1' });
    collect();
    now += 60;
    await work();
  }
  for (let rounds = 0; digests.length > 0 && rounds < 50; rounds++) {
    now += 30_000;
    await work();
  }
  const ids = taken.flatMap((text) => text.split('\n').flatMap((line) => JSON.parse(line).map(({ id }: { id: string }) => id)));
  expect(new Set(ids).size).toBe(CLUSTERS * CHANGES);
  expect(await outbox.list('siem', 10)).toEqual([]);
  expect(taken.length).toBeLessThanOrEqual(10);
});
