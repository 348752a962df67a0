import type { Notification } from '../domain/findings/notification.ts';
import type { PageOf } from './body.ts';
import { digestText, fix, sentence } from './digest-text.ts';

/** Source: docs.slack.dev/messaging/formatting-message-text. Three characters are escaped; nothing else is special in code. */
export function slackMessage(notifications: readonly Notification[], pageOf: PageOf): { readonly text: string } {
  const { headline, changes, more } = digestText(notifications);
  const lines = changes.flatMap((change) => {
    const page = pageOf(change.finding.id);
    const words = escapeSlack(sentence(change));
    const advice = fix(change);
    return [
      `• ${page === undefined ? words : `${words} <${page}|finding>`}`,
      ...(advice === undefined ? [] : [`   ${escapeSlack(advice)}`]),
    ];
  });
  return { text: [`*${escapeSlack(headline)}*`, ...lines, ...(more === 0 ? [] : [`and ${more} more`])].join('\n') };
}

/** Also replaces Slack's markup characters, which a hostile name may contain, with similar ones, because Slack cannot escape them. */
function escapeSlack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOK_ALIKES[mark] ?? '');
}

const LOOK_ALIKES: Readonly<Record<string, string>> = { '*': '∗', _: '\u02cd', '~': '∼', '`': '‘' };
