/** A field of Azure's answer that is present but cannot be read, so its value is unknown. */
export interface UnreadField {
  /** The property that it fills. */
  readonly of: string;
  /** Its name in Azure's response, for example `agentPoolProfiles.vmSize`. */
  readonly field: string;
  /** The problem, for example `expected a text, got a number`. */
  readonly problem: string;
}

/** A part of Azure's answer with the fields that could not be read. */
export interface WithUnread {
  readonly unread?: readonly UnreadField[];
}

/**
 * Why a verdict that needs some fields is unknown: the first of these fields that could not be read. `undefined` if
 * all of them could be read.
 */
export function unreadAmong({ unread = [] }: WithUnread, fields: readonly string[]): string | undefined {
  const first = unread.find(({ of }) => fields.includes(of));
  return first === undefined ? undefined : describeUnread(first);
}

/** Describes one invalid field in a sentence. */
export function describeUnread({ field, problem }: UnreadField): string {
  return `Azure's answer cannot be read in ${field}: ${problem}.`;
}
