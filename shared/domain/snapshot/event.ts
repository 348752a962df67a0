import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cleanLine } from '../text/clean.ts';
import { given } from './given.ts';
import { formatClusterId, parseClusterId } from './resource-id.ts';

/** Kinds of events that matter to a scan. */
export type ClusterEventKind =
  | 'changed'
  | 'deleted'
  | 'rolling-started'
  | 'rolling-succeeded'
  | 'rolling-failed'
  | 'support-ending'
  | 'support-ended'
  | 'new-version';

/** An event about one cluster, without the people named in the original. */
export interface ClusterEvent {
  /** The digest of the sender's id, which may be any text and must not appear in logs or causes. */
  readonly id: string;
  /** Canonical ARM id. */
  readonly clusterId: string;
  readonly nodePool?: string;
  readonly kind: ClusterEventKind;
  /** When it happened, RFC 3339. */
  readonly at: string;
  /** The Kubernetes version in an event about its support. */
  readonly kubernetesVersion?: string;
}

/** A delivered message after parsing: an event about a cluster, another event, or an unreadable one. */
export type ParsedEvent = ClusterEvent | { readonly irrelevant: string } | { readonly malformed: readonly string[] };

/** Source: MicrosoftDocs/azure-aks-docs quickstart-event-grid.md; learn.microsoft.com/azure/event-grid/event-schema-aks. */
const AKS_KINDS: Readonly<Record<string, ClusterEventKind>> = {
  'microsoft.containerservice.nodepoolrollingstarted': 'rolling-started',
  'microsoft.containerservice.nodepoolrollingsucceeded': 'rolling-succeeded',
  'microsoft.containerservice.nodepoolrollingfailed': 'rolling-failed',
  'microsoft.containerservice.clustersupportending': 'support-ending',
  'microsoft.containerservice.clustersupportended': 'support-ended',
  'microsoft.containerservice.newkubernetesversionavailable': 'new-version',
};

/** Source: learn.microsoft.com/azure/event-grid/event-schema-subscriptions. */
const RESOURCE_EVENTS: readonly string[] = [
  'microsoft.resources.resourcewritesuccess',
  'microsoft.resources.resourcedeletesuccess',
  'microsoft.resources.resourceactionsuccess',
];

/** Source: learn.microsoft.com/azure/event-grid/event-schema-containerservice-resources and event-schema-resources. */
const NOTIFICATIONS: Readonly<Record<string, 'scheduled' | 'written' | 'deleted'>> = {
  'microsoft.resourcenotifications.containerserviceeventresources.scheduledeventemitted': 'scheduled',
  'microsoft.resourcenotifications.resources.createdorupdated': 'written',
  'microsoft.resourcenotifications.resources.deleted': 'deleted',
};

const id = z
  .string()
  .min(1)
  .max(256)
  .transform((text) => createHash('sha256').update(text).digest('hex').slice(0, 32));
const time = z.iso.datetime({ offset: true });
const eventGrid = z.object({ id, eventType: z.string(), eventTime: time, topic: z.string(), subject: z.string(), data: z.unknown() });
const cloudEvent = z.object({ id, type: z.string(), time, source: z.string(), subject: z.string().optional(), data: z.unknown() });
/** The name of a pool is part of a table key, in which these characters are forbidden. */
const poolData = z.object({
  nodePoolName: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'expected the name of a node pool'),
});
const supportData = z.object({ kubernetesVersion: z.string().min(1).max(100) });
const resourceData = z.object({ resourceUri: z.string().optional() });
const notificationData = z.object({ resourceInfo: z.object({ id: z.string() }).optional() });

interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly source: string;
  readonly subject: string;
  readonly data: unknown;
}

/** Parses a delivered event in the schema of Event Grid or CloudEvents; never throws. */
export function parseClusterEvent(delivered: unknown): ParsedEvent {
  const envelope = readEnvelope(delivered);
  if ('malformed' in envelope) return envelope;
  const type = envelope.type.toLowerCase();
  const kind = AKS_KINDS[type];
  if (kind !== undefined) return readAksEvent(envelope, kind);
  if (RESOURCE_EVENTS.includes(type)) {
    const resourceId = resourceData.safeParse(envelope.data).data?.resourceUri ?? envelope.subject;
    return readResourceEvent(envelope, resourceId, type.endsWith('resourcedeletesuccess'));
  }
  const notification = NOTIFICATIONS[type];
  if (notification !== undefined) return readNotification(envelope, notification);
  return { irrelevant: `events of type ${quote(envelope.type)} are not about a cluster` };
}

function readEnvelope(delivered: unknown): Envelope | { readonly malformed: readonly string[] } {
  const isCloudEvent = typeof delivered === 'object' && delivered !== null && 'specversion' in delivered;
  if (isCloudEvent) {
    const { success, data: event, error } = cloudEvent.safeParse(delivered);
    if (!success) return { malformed: problems(error) };
    return { id: event.id, type: event.type, at: utc(event.time), source: event.source, subject: event.subject ?? '', data: event.data };
  }
  const { success, data: event, error } = eventGrid.safeParse(delivered);
  if (!success) return { malformed: problems(error) };
  return { id: event.id, type: event.eventType, at: utc(event.eventTime), source: event.topic, subject: event.subject, data: event.data };
}

/** In events of the AKS topic, `subject` is only the cluster's name, and `topic` is the full id. */
function readAksEvent(envelope: Envelope, kind: ClusterEventKind): ParsedEvent {
  const cluster = parseClusterId(envelope.source);
  if (cluster === undefined) return { malformed: ['source: expected the ARM id of a cluster'] };
  const event = { id: envelope.id, clusterId: formatClusterId(cluster), kind, at: envelope.at };
  if (kind.startsWith('support')) {
    const version = supportData.safeParse(envelope.data).data?.kubernetesVersion;
    return version === undefined ? event : { ...event, kubernetesVersion: version };
  }
  if (!kind.startsWith('rolling')) return event;
  const { success, data, error } = poolData.safeParse(envelope.data);
  if (!success) return { malformed: problems(error).map((problem) => `data.${problem}`) };
  return { ...event, nodePool: data.nodePoolName };
}

/** Deleting a child resource only changes the cluster. */
function readResourceEvent(envelope: Envelope, resourceId: string, isDelete: boolean): ParsedEvent {
  const cluster = parseClusterId(resourceId);
  if (cluster === undefined) return { irrelevant: `the resource ${quote(resourceId)} is not an AKS cluster` };
  const clusterId = formatClusterId(cluster);
  const isItself = resourceId.replace(/\/+$/, '').toLowerCase() === clusterId;
  return {
    id: envelope.id,
    clusterId,
    ...given({ nodePool: cluster.nodePool?.toLowerCase() }),
    kind: isDelete && isItself ? 'deleted' : 'changed',
    at: envelope.at,
  };
}

function readNotification(envelope: Envelope, kind: 'scheduled' | 'written' | 'deleted'): ParsedEvent {
  const resourceId = notificationData.safeParse(envelope.data).data?.resourceInfo?.id ?? envelope.subject;
  return readResourceEvent(envelope, resourceId, kind === 'deleted');
}

function problems(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
}

function quote(text: string): string {
  return JSON.stringify(cleanLine(text, 200));
}

function utc(time: string): string {
  return new Date(time).toISOString();
}
