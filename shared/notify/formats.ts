import type { Notification } from '../domain/findings/notification.ts';
import type { NotifyFormat } from '../domain/policy/notification-target.ts';
import type { NotifyBody, PageOf } from './body.ts';
import { cloudEventBodies } from './cloud-events.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';

/** Returns the requests for one digest of changes; several only if one would be too large. */
export function notifyBodies(format: NotifyFormat, notifications: readonly Notification[], pageOf: PageOf): readonly NotifyBody[] {
  switch (format) {
    case 'cloudevents':
    case 'eventgrid':
      return cloudEventBodies(notifications, pageOf);
    case 'slack':
      return [{ contentType: 'application/json', body: JSON.stringify(slackMessage(notifications, pageOf)) }];
    case 'teams':
      return [{ contentType: 'application/json', body: JSON.stringify(teamsMessage(notifications, pageOf)) }];
  }
}
