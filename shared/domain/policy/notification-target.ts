import type { Severity } from './severity.ts';

/** What a target takes: a batch of CloudEvents, a Slack message, a card for a Teams workflow, or an Event Grid topic. */
export const NOTIFY_FORMATS = ['cloudevents', 'slack', 'teams', 'eventgrid'] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** Recipient of notifications about findings that open, reopen and resolve. */
export interface NotificationTarget {
  /** Shown in messages about it, and part of the names of its settings. */
  readonly name: string;
  readonly format: NotifyFormat;
  /** Only findings at least this severe. */
  readonly severity: Severity;
  /** Globs over ids of rules; absent means every one. */
  readonly rules?: readonly string[];
  /** Globs over cluster names; absent means every one. */
  readonly clusters?: readonly string[];
  /** Globs over `namespace/workload`; absent means every workload and every other subject. */
  readonly owners?: readonly string[];
  /** How long changes are collected into one message. */
  readonly digestSeconds: number;
}

/** What the policy says of notifications. */
export interface Notifications {
  readonly targets: readonly NotificationTarget[];
  /** Whether targets on this machine and in private networks may be reached. */
  readonly allowPrivateAddresses: boolean;
}

/** The setting that holds a target's address: a policy is published in evidence, and an address may be a secret. */
export function addressSetting({ name }: Pick<NotificationTarget, 'name'>): string {
  return `KATAUDIT_TARGET_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The setting that holds the secret that signs what a target is sent. */
export function secretSetting(target: Pick<NotificationTarget, 'name'>): string {
  return `${addressSetting(target)}_SECRET`;
}
