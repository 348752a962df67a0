/** A field of Azure's answer that is there and cannot be read. What it would have said is not known. */
export interface UnreadField {
  /** The property that it would have filled. */
  readonly of: string;
  /** Its name in Azure's answer, for example `agentPoolProfiles.vmSize`. */
  readonly field: string;
  /** What is wrong with it, for example `expected a text, got a number`. */
  readonly problem: string;
}

/** Something that Azure described, with the fields of it that could not be read. */
export interface WithUnread {
  readonly unread?: readonly UnreadField[];
}

/**
 * Says why something that rests on some fields is not known: the first of them that could not be read,
 * by its name. `undefined` when all of them could.
 */
export function unreadAmong({ unread = [] }: WithUnread, fields: readonly string[]): string | undefined {
  const first = unread.find(({ of }) => fields.includes(of));
  return first === undefined ? undefined : describeUnread(first);
}

/** One unreadable field in a sentence. */
export function describeUnread({ field, problem }: UnreadField): string {
  return `Azure's answer cannot be read in ${field}: ${problem}.`;
}
