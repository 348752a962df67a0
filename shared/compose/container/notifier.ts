import { publicUrl, type Settings } from '../../config/settings.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Messages } from '../../ports/messages.ts';
import type { App } from './app.ts';

/** Who is told of changes, by the settings; nothing when nobody is. */
export function notifying(settings: Settings, messages: Messages, clock: Clock): Pick<App, 'announce' | 'notify'> {
  const { KATAUDIT_NOTIFY_URL: url, KATAUDIT_NOTIFY_FORMAT: format, KATAUDIT_NOTIFY_SECRET: secret } = settings;
  if (url === undefined) return {};
  const origin = publicUrl(settings);
  const pageOf = (findingId: string) => (origin === undefined ? undefined : `${origin}/api/dashboard/finding?id=${findingId}`);
  const options = { url, format, pageOf, clock, ...(secret === undefined ? {} : { secret }) };
  return {
    announce: messages.notification,
    notify: {
      threshold: settings.KATAUDIT_NOTIFY_SEVERITY,
      notifier: {
        deliver: async (announcement, abortSignal) => {
          const { webhookNotifier } = await import('../../notify/webhook.ts');
          await webhookNotifier(options).deliver(announcement, abortSignal);
        },
      },
    },
  };
}
