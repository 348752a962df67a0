import type { Announcement } from '../domain/findings/announcement.ts';

/** Tells somebody outside of changes. Throws `Fault` when it is not sure that they were told. */
export interface Notifier {
  deliver(announcement: Announcement, abortSignal: AbortSignal): Promise<void>;
}
