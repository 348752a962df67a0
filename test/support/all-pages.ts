import type { Page } from '../../shared/ports/finding-store.ts';

/** All items of a paged list. */
export async function allPages<T>(page: (after: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const { value, next } = await page(after);
    found.push(...value);
    after = next;
  } while (after !== undefined);
  return found;
}
