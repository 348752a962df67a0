import { describe, expect, it } from 'vitest';
import {
  InventoryMessage,
  NotificationMessage,
  PublicationMessage,
  ScanMessage,
} from '../../../shared/compose/functions/queue-messages.ts';

const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const CLUSTER = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c`;

describe('a message of the queue publications', () => {
  it.each([
    { service: 'defender', subscriptionId: SUBSCRIPTION },
    { service: 'attestations', clusterId: CLUSTER },
  ])('names a service, and a subscription or a cluster: %j', (message) => {
    expect(PublicationMessage.parse(message)).toEqual(message);
  });

  it.each([
    { service: 'elsewhere', subscriptionId: SUBSCRIPTION },
    { service: 'defender' },
    { service: 'defender', subscriptionId: '../x' },
    { service: 'defender', clusterId: '/subscriptions/x' },
    'text',
    null,
  ])('is refused when it is %j', (message) => {
    expect(PublicationMessage.safeParse(message).success).toBe(false);
  });
});

const AT = '2026-11-23T12:00:00.000Z';
const text = (length: number) => 'x'.repeat(length);

describe('a message of another queue', () => {
  it.each<[string, { parse(message: unknown): unknown }, object]>([
    ['inventories', InventoryMessage, { auditId: text(100), subscriptionId: SUBSCRIPTION, clusterIds: [CLUSTER] }],
    ['inventories', InventoryMessage, { auditId: 'a', subscriptionId: SUBSCRIPTION }],
    ['notifications', NotificationMessage, { clusterId: CLUSTER, cause: text(300) }],
    ['notifications', NotificationMessage, { target: text(100) }],
    ['notifications', NotificationMessage, { target: 't' }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', auditId: 'a', requestedAt: AT }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', auditId: text(100), requestedAt: AT }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', requestedAt: AT }],
  ])('is read by the queue %s', (_, parser, message) => {
    expect(parser.parse(message)).toEqual(message);
  });

  it.each<[string, { parse(message: unknown): unknown }, object]>([
    ['inventories', InventoryMessage, { auditId: '', subscriptionId: SUBSCRIPTION }],
    ['inventories', InventoryMessage, { auditId: text(101), subscriptionId: SUBSCRIPTION }],
    ['inventories', InventoryMessage, { auditId: 'a', subscriptionId: SUBSCRIPTION, clusterIds: ['x'] }],
    ['notifications', NotificationMessage, { clusterId: CLUSTER, cause: '' }],
    ['notifications', NotificationMessage, { clusterId: CLUSTER, cause: text(301) }],
    ['notifications', NotificationMessage, { target: '' }],
    ['notifications', NotificationMessage, { target: text(101) }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', auditId: '', requestedAt: AT }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', auditId: text(101), requestedAt: AT }],
    ['scans', ScanMessage, { clusterId: CLUSTER, cause: 'a', requestedAt: 'today' }],
  ])('is not taken by the queue %s', (_, parser, message) => {
    expect(() => parser.parse(message)).toThrow();
  });
});
