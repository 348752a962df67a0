import type { EstateDay } from '../domain/findings/trend.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { type ClusterNotice, isFromAhead, noticeEnds } from '../domain/snapshot/notice.ts';
import type { AssessmentStore, ClusterAssessment } from '../ports/assessment-store.ts';
import type { AuditedCluster, AuditedSubscription, AuditStore, ListedAudit } from '../ports/audit-store.ts';
import { type EventStore, isHeld } from '../ports/event-store.ts';
import type { ExemptionStore, HeldExemption } from '../ports/exemption-store.ts';
import type { Messages } from '../ports/messages.ts';
import type { OutboxStore, PendingNotification } from '../ports/outbox-store.ts';
import type { ParkedMessage, ParkedStore } from '../ports/parked-store.ts';
import type { Stores } from '../ports/stores.ts';
import type { TrendStore } from '../ports/trend-store.ts';
import { memoryBundles } from './bundles.ts';
import { memoryFindings } from './findings.ts';
import { newestFirst, pageOf } from './pages.ts';
import { memoryPublications } from './publications.ts';

/** A message that waits in a queue in memory. */
export interface QueuedMessage {
  readonly queue: string;
  readonly body: string;
  readonly delaySeconds: number;
}

/** Everything that the app keeps, in memory. */
export interface MemoryStorage extends Stores {
  /** Messages that were sent, in order; they are never dequeued. */
  readonly queued: readonly QueuedMessage[];
}

/** Storage in memory that fulfills the contract of every port: for one run of a command, and for tests. */
export function createMemoryStorage(): MemoryStorage {
  const queued: QueuedMessage[] = [];
  return {
    findings: memoryFindings(),
    audits: memoryAudits(),
    trend: memoryTrend(),
    parked: memoryParked(),
    assessments: memoryAssessments(),
    events: memoryEvents(),
    exemptions: memoryExemptions(),
    bundles: memoryBundles(),
    outbox: memoryOutbox(),
    publications: memoryPublications(),
    messages: memoryMessages(queued),
    queued,
  };
}

function memoryMessages(queued: QueuedMessage[]): Messages {
  const send = async (queue: string, body: string, delaySeconds = 0) => {
    const bytes = Math.ceil(Buffer.byteLength(body) / 3) * 4;
    if (bytes > 65_536) throw new Fault('too-large', `Cannot queue a message to ${queue}: it has ${bytes} bytes, and the limit is 65536.`);
    queued.push({ queue, body, delaySeconds });
  };
  return {
    inventory: (message) => send('inventories', JSON.stringify(message)),
    scan: (message, delaySeconds) => send('scans', JSON.stringify(message), delaySeconds),
    notification: (message) => send('notifications', JSON.stringify(message)),
    digest: (message, delaySeconds) => send('notifications', JSON.stringify(message), delaySeconds),
    publication: (message) => send('publications', JSON.stringify(message)),
    raw: async (queue, body) => {
      if (!['inventories', 'scans', 'notifications', 'publications'].includes(queue))
        throw new Fault('malformed', `There is no work queue ${JSON.stringify(queue)}.`);
      await send(queue, body);
    },
  };
}

function memoryOutbox(): OutboxStore {
  const pending = new Map<string, { readonly target: string; readonly one: PendingNotification }>();
  const keyOf = (target: string, { clusterId, cause }: PendingNotification) => JSON.stringify([target, clusterId, cause]);
  return {
    add: async (target, one) => {
      pending.set(keyOf(target, one), { target, one });
    },
    list: async (target, limit) => [...pending.values()].flatMap((held) => (held.target === target ? [held.one] : [])).slice(0, limit),
    remove: async (target, delivered) => {
      for (const one of delivered) if (pending.get(keyOf(target, one))?.one.at === one.at) pending.delete(keyOf(target, one));
    },
  };
}

function memoryAudits(): AuditStore {
  const audits = new Map<string, ListedAudit>();
  const subscriptions = new Map<string, AuditedSubscription>();
  const clusters = new Map<string, AuditedCluster>();
  const partsOf = <T>(parts: ReadonlyMap<string, T>, auditId: string) =>
    [...parts].filter(([key]) => key.startsWith(`${auditId}/`)).map(([, part]) => part);
  return {
    start: async (audit) => {
      audits.set(audit.id, structuredClone(audit));
    },
    recordSubscription: async (outcome) => {
      subscriptions.set(`${outcome.auditId}/${outcome.subscriptionId.toLowerCase()}`, structuredClone(outcome));
    },
    recordCluster: async (outcome) => {
      const key = `${outcome.auditId}/${outcome.clusterId}`;
      if (outcome.state !== 'planned' || !clusters.has(key)) clusters.set(key, structuredClone(outcome));
    },
    get: async (id) => {
      const listed = audits.get(id);
      if (listed === undefined) return undefined;
      const { end: _, ...audit } = listed;
      return structuredClone({ audit, subscriptions: partsOf(subscriptions, id), clusters: partsOf(clusters, id) });
    },
    isWaiting: async (id) => partsOf(clusters, id).some(({ state }) => state === 'planned'),
    end: async (audit, end) => {
      audits.set(audit.id, structuredClone({ ...audit, end }));
    },
    list: async (top, after) =>
      pageOf(
        [...audits.values()].map((audit) => [`${newestFirst(audit.startedAt)}-${audit.id}`, audit] as const),
        top,
        after,
      ),
    prune: async (before, limit) => {
      let deleted = 0;
      for (const { id, startedAt } of [...audits.values()]) {
        if (deleted >= limit || startedAt >= before) continue;
        for (const parts of [subscriptions, clusters]) {
          for (const key of [...parts.keys()]) if (key.startsWith(`${id}/`) && parts.delete(key)) deleted += 1;
        }
        if (audits.delete(id)) deleted += 1;
      }
      return deleted;
    },
  };
}

function memoryTrend(): TrendStore {
  const days = new Map<string, EstateDay>();
  let isRebuilt = false;
  return {
    put: async (day) => {
      days.set(day.day, structuredClone(day));
    },
    list: async (from, to) => {
      const wanted = [...days.values()].filter(({ day }) => day >= from && day <= to);
      return structuredClone(wanted.toSorted((a, b) => (a.day < b.day ? -1 : 1)));
    },
    isRebuilt: async () => isRebuilt,
    rebuilt: async () => {
      isRebuilt = true;
    },
    prune: async (before, limit) => {
      let deleted = 0;
      for (const day of [...days.keys()]) if (deleted < limit && day < before.slice(0, 10) && days.delete(day)) deleted += 1;
      return deleted;
    },
  };
}

function memoryParked(): ParkedStore {
  const parked = new Map<string, ParkedMessage>();
  const settled = new Map<string, ParkedMessage>();
  return {
    park: async (message) => {
      if (!parked.has(message.id) && !settled.has(message.id)) parked.set(message.id, structuredClone(message));
    },
    list: async (top, after) => pageOf(parked, top, after),
    get: async (id) => structuredClone(parked.get(id)),
    settle: async (id, settlement) => {
      const message = parked.get(id);
      if (message === undefined) return;
      settled.set(id, { ...message, settled: settlement });
      parked.delete(id);
    },
    listSettled: async (top, after) => pageOf(settled, top, after),
    prune: async (before, limit) => {
      let deleted = 0;
      for (const [id, message] of settled) {
        if (deleted < limit && (message.settled?.at ?? before) < before && settled.delete(id)) deleted += 1;
      }
      return deleted;
    },
  };
}

function memoryAssessments(): AssessmentStore {
  const held = new Map<string, { readonly assessment: ClusterAssessment; readonly recordedAt: string }>();
  return {
    put: async (assessment, recordedAt = assessment.snapshot.observedAt) => {
      const key = assessment.snapshot.cluster.id.toLowerCase();
      if ((held.get(key)?.recordedAt ?? '') <= recordedAt) held.set(key, structuredClone({ assessment, recordedAt }));
    },
    get: async (clusterId) => structuredClone(held.get(clusterId.toLowerCase())?.assessment),
  };
}

function memoryEvents(): EventStore {
  const remembered = new Map<string, string>();
  const claims = new Map<string, { readonly owner: string; readonly until: string }>();
  const notices = new Map<string, Map<string, ClusterNotice>>();
  return {
    isRemembered: async (eventId) => remembered.has(eventId),
    remember: async (eventId, at) => {
      remembered.set(eventId, at);
    },
    tryClaim: async (key, owner, until, now) => {
      const held = claims.get(key);
      if (held !== undefined && isHeld(held, until, now)) return held.owner === owner;
      claims.set(key, { owner, until });
      return true;
    },
    note: async (clusterId, notice, now) => {
      const ofCluster = notices.get(clusterId.toLowerCase()) ?? new Map<string, ClusterNotice>();
      notices.set(clusterId.toLowerCase(), ofCluster);
      const key = `${notice.matter}-${notice.nodePool ?? ''}`;
      const held = ofCluster.get(key);
      if (held === undefined || held.at <= notice.at || isFromAhead(held, now)) ofCluster.set(key, structuredClone(notice));
    },
    dropNotices: async (clusterId, until) => {
      const ofCluster = notices.get(clusterId.toLowerCase()) ?? new Map<string, ClusterNotice>();
      for (const [key, { at }] of ofCluster) if (at <= until) ofCluster.delete(key);
    },
    notices: async (clusterId) => structuredClone([...(notices.get(clusterId.toLowerCase())?.values() ?? [])]),
    prune: async (before, limit) => {
      let deleted = 0;
      for (const [id, at] of remembered) if (deleted < limit && at < before && remembered.delete(id)) deleted += 1;
      for (const [key, { until }] of claims) if (deleted < limit && until < before && claims.delete(key)) deleted += 1;
      for (const ofCluster of notices.values()) {
        for (const [key, notice] of ofCluster) if (deleted < limit && noticeEnds(notice) < before && ofCluster.delete(key)) deleted += 1;
      }
      return deleted;
    },
  };
}

function memoryExemptions(): ExemptionStore {
  const held = new Map<string, HeldExemption>();
  let writes = 0;
  return {
    list: async () => structuredClone([...held.values()].sort((a, b) => (a.exemption.id < b.exemption.id ? -1 : 1))),
    get: async (id) => structuredClone(held.get(id)),
    put: async (write, basedOn) => {
      if (held.get(write.exemption.id)?.version !== basedOn) return 'conflict';
      writes += 1;
      const written = structuredClone({ ...write, version: String(writes) });
      held.set(write.exemption.id, written);
      return structuredClone(written);
    },
    delete: async (id, basedOn) => (held.get(id)?.version === basedOn && held.delete(id) ? 'deleted' : 'conflict'),
  };
}
