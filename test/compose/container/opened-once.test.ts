import { expect, it } from 'vitest';
import { openedOnce } from '../../../shared/compose/container/opened-once.ts';

it('is opened once for all callers, and again after a failed attempt', async () => {
  const outcomes = [() => Promise.reject(new Error('away')), async () => 'open', async () => 'opened again'];
  const { get, held } = openedOnce<string>(async () => (outcomes.shift() ?? expect.unreachable())());
  expect(held()).toBeUndefined();

  const failed = await Promise.allSettled([get(), get()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(held()).toBeUndefined();
  expect(await Promise.all([get(), get()])).toEqual(['open', 'open']);
  expect(await held()).toBe('open');
});
