import { z } from 'zod';
import { isSubscriptionId, parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type * as messages from '../../ports/messages.ts';

/** The queues that carry work; each has a poison queue beside it. */
export const WORK_QUEUES = ['inventories', 'scans', 'notifications', 'publications'] as const;

const clusterId = z.string().refine((id) => parseClusterId(id) !== undefined, 'expected the ARM id of an AKS cluster');
const inventory = z.object({
  auditId: z.string().min(1).max(100),
  subscriptionId: z.string().refine(isSubscriptionId, 'expected a subscription id (GUID)'),
  clusterIds: z.array(clusterId).exactOptional(),
});

/** Messages of the queue `inventories`; anything else is parked. */
export const InventoryMessage: z.ZodType<messages.InventoryMessage> = inventory;

const cause = z.string().min(1).max(300);

/** Messages of the queue `notifications`; anything else is parked. */
export const NotificationMessage: z.ZodType<messages.NotificationMessage | messages.DigestMessage> = z.union([
  z.object({ clusterId, cause }),
  z.object({ target: z.string().min(1).max(100) }),
]);

const service = z.enum(['defender', 'attestations']);

/** Messages of the queue `publications`; anything else is parked. */
export const PublicationMessage: z.ZodType<messages.PublicationMessage> = z.union([
  z.object({ service, clusterId }),
  z.object({ service, subscriptionId: z.string().refine(isSubscriptionId, 'expected a subscription id (GUID)') }),
]);

const scan = z.object({
  clusterId,
  cause,
  auditId: z.string().min(1).max(100).optional(),
  requestedAt: z.iso.datetime(),
});

/** Messages of the queue `scans`; anything else is parked. */
export const ScanMessage = {
  /** Reads a message, or throws one error that lists everything wrong with it. */
  parse(message: unknown): messages.ScanMessage {
    const { auditId, ...rest } = scan.parse(message);
    return auditId === undefined ? rest : { ...rest, auditId };
  },
};
