import type { AnnouncedChange, Announcement } from '../domain/findings/announcement.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { defused } from '../domain/text/clean.ts';

/** The bodies that a webhook may ask for. */
export const NOTIFY_FORMATS = ['cloudevents', 'slack', 'teams'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** One request to a webhook. */
export interface NotifyBody {
  readonly contentType: string;
  readonly body: string;
}

/** Gives the address of a finding's page; `undefined` when the app does not know its own. */
export type PageOf = (findingId: string) => string | undefined;

/** Events in one batch: some 4 KB each, so that a batch stays far below the megabyte that many receivers take. */
const MAX_EVENTS = 100;
/** What a person reads in a chat; the rest is counted. */
const MAX_LINES = 20;
const MAX_TEXT = 300;

/** The requests that tell of an announcement: several only where one would grow too large. */
export function notifyBodies(format: NotifyFormat, announcement: Announcement, pageOf: PageOf): readonly NotifyBody[] {
  switch (format) {
    case 'cloudevents':
      return cloudEvents(announcement, pageOf);
    case 'slack':
      return [{ contentType: 'application/json', body: JSON.stringify({ text: slackText(announcement, pageOf) }) }];
    case 'teams':
      return [{ contentType: 'application/json', body: JSON.stringify(teamsMessage(announcement, pageOf)) }];
  }
}

/** Source: github.com/cloudevents/spec, `cloudevents/formats/json-format.md`, 4 (JSON batch format). */
function cloudEvents({ clusterId, cause, changes }: Announcement, pageOf: PageOf): readonly NotifyBody[] {
  const events = changes.map(({ id, kind, at, severity, message, finding }) => ({
    specversion: '1.0',
    id,
    source: clusterId,
    type: `io.kataudit.finding.${kind}`,
    subject: finding.id,
    time: at,
    datacontenttype: 'application/json',
    data: {
      cause,
      severity,
      message,
      rule: finding.ruleId,
      cluster: finding.clusterName,
      subscription: finding.subscriptionId,
      subject: finding.subject,
      status: finding.status,
      remediation: finding.remediation,
      commands: finding.commands ?? [],
      firstSeenAt: finding.firstSeenAt,
      reopenCount: finding.reopenCount,
      ...(finding.resolution === undefined ? {} : { resolution: finding.resolution }),
      ...linkOf(pageOf(finding.id)),
    },
  }));
  const bodies: NotifyBody[] = [];
  for (let at = 0; at < events.length; at += MAX_EVENTS) {
    bodies.push({ contentType: 'application/cloudevents-batch+json', body: JSON.stringify(events.slice(at, at + MAX_EVENTS)) });
  }
  return bodies;
}

function linkOf(page: string | undefined): { readonly page?: string } {
  return page === undefined ? {} : { page };
}

/** Source: docs.slack.dev/messaging/formatting-message-text: three characters are escaped, and nothing else is special in code. */
function slackText(announcement: Announcement, pageOf: PageOf): string {
  const lines = announcement.changes.slice(0, MAX_LINES).map((change) => {
    const page = pageOf(change.finding.id);
    const words = escapeSlack(sentence(change));
    return `• ${page === undefined ? words : `${words} <${page}|finding>`}`;
  });
  return [`*${escapeSlack(headline(announcement))}*`, ...lines, ...restOf(announcement)].join('\n');
}

/** Also the marks of its markup, which a hostile name may carry: Slack has no escape for them, so look-alikes stand for them. */
function escapeSlack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOK_ALIKES[mark] ?? '');
}

const LOOK_ALIKES: Readonly<Record<string, string>> = { '*': '∗', _: '\u02cd', '~': '∼', '`': '‘' };

/** An Adaptive Card, as a Teams workflow takes it. Its text runs know no markup, so that names stay names. */
function teamsMessage(announcement: Announcement, pageOf: PageOf): unknown {
  const line = (text: string, page?: string) => ({
    type: 'RichTextBlock',
    inlines: [
      { type: 'TextRun', text },
      ...(page === undefined ? [] : [{ type: 'TextRun', text: ' finding', selectAction: { type: 'Action.OpenUrl', url: page } }]),
    ],
  });
  const head = {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: headline(announcement), weight: 'Bolder', size: 'Medium' }],
  };
  const lines = announcement.changes.slice(0, MAX_LINES).map((change) => line(sentence(change), pageOf(change.finding.id)));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [head, ...lines, ...restOf(announcement).map((text) => line(text))],
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

function headline({ clusterName, changes }: Announcement): string {
  const counts = (['opened', 'reopened', 'resolved'] as const).flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return `Kataudit: ${counts.join(', ')} in ${defused(clusterName, MAX_TEXT)}`;
}

function sentence({ kind, severity, message, finding }: AnnouncedChange): string {
  return `${severity} ${kind}: ${finding.ruleId} of ${defused(subjectLabel(finding.subject), MAX_TEXT)}. ${defused(message, MAX_TEXT)}`;
}

function restOf({ changes }: Announcement): readonly string[] {
  return changes.length > MAX_LINES ? [`and ${changes.length - MAX_LINES} more`] : [];
}
