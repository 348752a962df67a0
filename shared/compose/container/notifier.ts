import type { TokenCredential } from '@azure/core-auth';
import { publicUrl, type Settings } from '../../config/settings.ts';
import { addressSetting, type NotificationTarget, secretSetting } from '../../domain/policy/notification-target.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Messages } from '../../ports/messages.ts';
import type { NotifierOf } from '../../ports/notifier.ts';
import type { PolicySource } from '../../ports/policy-source.ts';
import { targetsOf } from '../../usecases/deliver-notification.ts';
import type { App } from './app.ts';

/** The name of the settings' webhook, which is a target in addition to those of the policy. */
const OWN_TARGET = 'webhook';
const OWN_DIGEST_SECONDS = 5;
const EVENT_GRID_SCOPE = 'https://eventgrid.azure.net/.default';

/** Dependencies of notifications. */
export interface NotifyParts {
  readonly settings: Settings;
  readonly clock: Clock;
  /** The identity that sends to Event Grid topics; absent when there is none. */
  readonly credential?: TokenCredential;
}

/** Notification targets from settings and policy; without any, scans request no notifications. */
export function notifying(parts: NotifyParts, messages: Messages, policy: PolicySource): Pick<App, 'notify' | 'ownTargets' | 'notifierOf'> {
  const ownTargets = ownTargetsOf(parts.settings);
  return {
    ownTargets,
    notifierOf: notifiers(parts),
    notify: async (message) => {
      if ((await targetsOf({ ownTargets, policy })).length > 0) await messages.notification(message);
    },
  };
}

/** The targets from the settings, in addition to those of the policy. */
export function ownTargetsOf({ KATAUDIT_NOTIFY_URL: url, KATAUDIT_NOTIFY_FORMAT: format, KATAUDIT_NOTIFY_SEVERITY: severity }: Settings) {
  return url === undefined ? [] : [{ name: OWN_TARGET, format, severity, digestSeconds: OWN_DIGEST_SECONDS }];
}

/** Opens a target when it is notified, so that a target without an address affects only itself. */
export function notifiers({ settings, clock, credential }: NotifyParts): NotifierOf {
  const origin = publicUrl(settings);
  const pageOf = (findingId: string) => (origin === undefined ? undefined : `${origin}/api/dashboard/finding?id=${findingId}`);
  return (target, allowPrivateAddresses) => ({
    deliver: async (notifications, abortSignal) => {
      const { webhookNotifier } = await import('../../notify/webhook.ts');
      const { setting, url, secret } = addressOf(target, settings);
      const options = {
        url,
        setting,
        pageOf,
        clock,
        format: target.format,
        // Outside of Azure there is no metadata service to protect, and users test webhooks on their own machine.
        allowPrivate: allowPrivateAddresses || settings.WEBSITE_HOSTNAME === undefined,
        ...given({ secret }),
        ...(target.format === 'eventgrid' ? { token: () => tokenOf(credential) } : {}),
      };
      await webhookNotifier(options).deliver(notifications, abortSignal);
    },
  });
}

function addressOf(target: NotificationTarget, settings: Settings) {
  if (target.name === OWN_TARGET && settings.KATAUDIT_NOTIFY_URL !== undefined) {
    return { setting: 'KATAUDIT_NOTIFY_URL', url: settings.KATAUDIT_NOTIFY_URL, secret: settings.KATAUDIT_NOTIFY_SECRET };
  }
  const setting = addressSetting(target);
  const url = settings.targets?.[setting];
  if (url === undefined) throw new Fault('not-found', `The target ${target.name} has no address: set ${setting}.`);
  if (!URL.canParse(url) || !isSafeToSend(new URL(url))) {
    throw new Fault('malformed', `${setting} is not an https address, or http on this machine (the value is a secret and is not shown).`);
  }
  return { setting, url, secret: settings.targets?.[secretSetting(target)] };
}

/** Notifications describe weaknesses, so they leave this machine only encrypted. */
function isSafeToSend({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

async function tokenOf(credential: TokenCredential | undefined): Promise<string> {
  const token = await credential?.getToken(EVENT_GRID_SCOPE);
  if (token === undefined || token === null) throw new Fault('unauthenticated', 'No identity is available to send to an Event Grid topic.');
  return token.token;
}
