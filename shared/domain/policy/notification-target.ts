import type { Severity } from './severity.ts';

/** The format of a target: a batch of CloudEvents, a Slack message, a card for a Teams workflow, or an Event Grid topic. */
export const NOTIFY_FORMATS = ['cloudevents', 'slack', 'teams', 'eventgrid'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** Recipient of notifications about findings that open, reopen and resolve. */
export interface NotificationTarget {
  /** Used in messages about the target, and part of the names of its settings. */
  readonly name: string;
  readonly format: NotifyFormat;
  /** Only findings of at least this severity. */
  readonly severity: Severity;
  /** Globs over rule ids; absent means all rules. */
  readonly rules?: readonly string[];
  /** Globs over cluster names; absent means all clusters. */
  readonly clusters?: readonly string[];
  /** Globs of `namespace/workload`; absent means all workloads and all other subjects. */
  readonly owners?: readonly string[];
  /** How long changes are collected for one message. */
  readonly digestSeconds: number;
}

/** The notifications part of the policy. */
export interface Notifications {
  readonly targets: readonly NotificationTarget[];
  /** Whether targets on this machine and in private networks may be reached. */
  readonly allowPrivateAddresses: boolean;
}

/** The name of the setting with a target's address. Policies are published in evidence, and an address may be a secret. */
export function addressSetting({ name }: Pick<NotificationTarget, 'name'>): string {
  return `KATAUDIT_TARGET_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The name of the setting with the secret that signs messages to a target. */
export function secretSetting(target: Pick<NotificationTarget, 'name'>): string {
  return `${addressSetting(target)}_SECRET`;
}
