import { describe, expect, it } from 'vitest';
import { PublicationMessage } from '../../../shared/compose/functions/queue-messages.ts';

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
