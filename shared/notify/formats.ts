import type { Announcement } from '../domain/findings/announcement.ts';
import type { NotifyFormat } from '../domain/policy/notification-target.ts';
import type { NotifyBody, PageOf } from './body.ts';
import { cloudEventBodies } from './cloud-events.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';

/** The requests that tell of what scans changed, in one digest: several only where one would grow too large. */
export function notifyBodies(format: NotifyFormat, announcements: readonly Announcement[], pageOf: PageOf): readonly NotifyBody[] {
  switch (format) {
    case 'cloudevents':
    case 'eventgrid':
      return cloudEventBodies(announcements, pageOf);
    case 'slack':
      return [{ contentType: 'application/json', body: JSON.stringify(slackMessage(announcements, pageOf)) }];
    case 'teams':
      return [{ contentType: 'application/json', body: JSON.stringify(teamsMessage(announcements, pageOf)) }];
  }
}
