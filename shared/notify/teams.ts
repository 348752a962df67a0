import type { Notification } from '../domain/findings/notification.ts';
import type { PageOf } from './body.ts';
import { digestText, fix, sentence } from './digest-text.ts';

/** The limit of Teams is 28 KB. Source: learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors. */
const MAX_BYTES = 27_000;
const MOST = 20;

/** Returns an Adaptive Card for a Teams workflow with as many changes as fit. Text runs have no markup, so names are shown unchanged. */
export function teamsMessage(notifications: readonly Notification[], pageOf: PageOf): object {
  for (let most = MOST; ; most--) {
    const message = card(notifications, pageOf, most);
    if (most <= 1 || Buffer.byteLength(JSON.stringify(message)) <= MAX_BYTES) return message;
  }
}

function card(notifications: readonly Notification[], pageOf: PageOf, most: number): object {
  const { headline, changes, more } = digestText(notifications, most);
  const lines = changes.flatMap((change) => {
    const advice = fix(change);
    return [line(sentence(change), pageOf(change.finding.id)), ...(advice === undefined ? [] : [faint(advice)])];
  });
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block([{ type: 'TextRun', text: headline, weight: 'Bolder', size: 'Medium' }]),
      ...lines,
      ...(more === 0 ? [] : [line(`and ${more} more`)]),
    ],
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

function line(text: string, page?: string): object {
  const link = page === undefined ? [] : [{ type: 'TextRun', text: ' finding', selectAction: { type: 'Action.OpenUrl', url: page } }];
  return block([{ type: 'TextRun', text }, ...link]);
}

function faint(text: string): object {
  return { ...block([{ type: 'TextRun', text, isSubtle: true }]), spacing: 'None' };
}

function block(inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines };
}
