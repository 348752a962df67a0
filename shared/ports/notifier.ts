import type { Notification } from '../domain/findings/notification.ts';
import type { NotificationTarget } from '../domain/policy/notification-target.ts';

/** Tells somebody outside of changes, of several scans in one digest. Throws `Fault` when it is not sure that they were told. */
export interface Notifier {
  deliver(notifications: readonly Notification[], abortSignal: AbortSignal): Promise<void>;
}

/** Who tells a target; throws `Fault` when its address is not set, or is none that may be used. */
export type NotifierOf = (target: NotificationTarget, allowPrivateAddresses: boolean) => Notifier;
