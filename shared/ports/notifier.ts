import type { Notification } from '../domain/findings/notification.ts';
import type { NotificationTarget } from '../domain/policy/notification-target.ts';

/** Sends changes of one or more scans to a target as one digest. Throws `Fault` when the delivery is not confirmed. */
export interface Notifier {
  deliver(notifications: readonly Notification[], abortSignal: AbortSignal): Promise<void>;
}

/** The notifier of a target; throws `Fault` when its address is not set or not allowed. */
export type NotifierOf = (target: NotificationTarget, allowPrivateAddresses: boolean) => Notifier;
