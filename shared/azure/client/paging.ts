import { Fault } from '../../domain/snapshot/fault.ts';

/** A list of this many pages is a server that goes round in a circle, or nothing we could hold. */
const MAX_PAGES = 1_000;

/** Reads every page of a list; a list that leads back to a page it has shown is never taken for complete. */
export async function drain(
  pages: AsyncIterable<unknown>,
  answers: readonly { readonly nextLink?: string | null | undefined }[],
  what: string,
): Promise<void> {
  const seen = new Set<string>();
  for await (const _ of pages) {
    const next = answers.at(-1)?.nextLink;
    if (next == null || next === '') continue;
    if (seen.has(next))
      throw new Fault('malformed', `Cannot ${what}: the answer is malformed: nextLink leads back to a page already read.`);
    seen.add(next);
    if (seen.size >= MAX_PAGES) throw new Fault('too-large', `Cannot ${what}: the list has more than ${MAX_PAGES} pages.`);
  }
}

/** The answer of a call that has but one; a call that did not fail has it. */
export function only<T>([answer]: readonly T[]): T {
  if (answer === undefined) throw new TypeError('A call that did not fail has an answer.');
  return answer;
}
