import type { MessageAttachment } from '@slack/types';
import { AdaptiveCard, Version } from 'adaptivecards';
import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, it } from 'vitest';
import type { Notification } from '../../shared/domain/findings/notification.ts';
import { notifyBodies } from '../../shared/notify/formats.ts';
import { slackMessage } from '../../shared/notify/slack.ts';
import { aFinding, NOW } from '../http/estate.ts';

const HOSTILE = `é😀"<script>[x](https://evil.example)\\${'ü'.repeat(400)}`;

/** Changes of several clusters, each with the longest and most unusual text. */
const notifications = (clusters: number, changes: number): readonly Notification[] =>
  Array.from({ length: clusters }, (_, at) => {
    const clusterId = `/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c${at}`;
    return {
      clusterId,
      clusterName: `${HOSTILE}${at}`,
      cause: 'audit-1',
      changes: Array.from({ length: changes }, (_, index) => {
        const subject = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: `${HOSTILE}${index}` } as const;
        const finding = aFinding({ clusterId, clusterName: `${HOSTILE}${at}`, subject, remediation: HOSTILE });
        return {
          id: `${finding.id}${index}/${NOW}/opened`,
          kind: 'opened',
          at: NOW,
          severity: index % 2 === 0 ? 'low' : 'critical',
          message: HOSTILE,
          finding,
        } as const;
      }),
    };
  });

const pageOf = (id: string) => `https://app.example/finding?id=${id}`;

describe("a message, checked with the receiver's own package", () => {
  it('is CloudEvents, in batches, each with its own id', () => {
    const bodies = notifyBodies('eventgrid', notifications(3, 60), pageOf);
    const events = bodies.flatMap(({ contentType, body }) => {
      const headers = { 'content-type': contentType };
      expect(HTTP.isEvent({ headers, body })).toBe(true);
      const read = HTTP.toEvent({ headers, body });
      return Array.isArray(read) ? read : [read];
    });
    for (const event of events) expect(event instanceof CloudEvent && event.validate()).toBe(true);
    expect([bodies.length, new Set(events.map(({ id, source }) => `${source} ${id}`)).size]).toEqual([2, 180]);
    expect(Math.max(...bodies.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(1_000_000);
  });

  it('is a valid Adaptive Card, within the limits of Teams', () => {
    const [{ body } = expect.unreachable()] = notifyBodies('teams', notifications(3, 60), pageOf);
    const { attachments } = JSON.parse(body);
    const card = new AdaptiveCard();
    card.version = new Version(1, 4);
    card.parse(attachments[0].content);
    expect(card.validateProperties().validationEvents).toEqual([]);
    expect(card.getItemCount()).toBeGreaterThan(10);
    expect(Buffer.byteLength(body)).toBeLessThan(28_672);
    expect(body).toMatch(/and 1[67]\d more/);
  });

  it('is a valid Slack message by its types, within the limits of Slack', () => {
    const message: Pick<MessageAttachment, 'text'> = slackMessage(notifications(3, 60), pageOf);
    expect(message.text?.length).toBeLessThan(40_000);
    expect(message.text).toContain('*Kataudit: 180 opened in 3 clusters*');
    expect(message.text?.match(/^• critical/gm)).toHaveLength(20);
    expect(message.text?.match(/^ {3}Fix: /gm)).toHaveLength(20);
    expect(message.text?.match(/<https:\/\/app\.example\/finding\?id=[^|]+\|finding>/g)).toHaveLength(20);
  });
});
