import { describe, expect, it } from 'vitest';
import type { BundleStore } from '../../shared/ports/bundle-store.ts';

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function* breaking(): AsyncGenerator<string> {
  yield 'half';
  throw new Error('The evidence broke off.');
}

const textOf = async (store: BundleStore, sequence: number) => {
  const body = await store.open(sequence);
  return body === undefined ? undefined : new Response(ReadableStream.from(body)).text();
};
const head = (sequence: number) => ({ sequence, sha256: String(sequence).repeat(64).slice(0, 64), sealedAt: '2026-11-23T12:00:00.000Z' });

/** The contract of every chain of bundles. */
export function bundleStoreContract(name: string, open: () => Promise<BundleStore>): void {
  describe(`the chain of bundles (${name})`, () => {
    it('has no head and no bundle at first', async () => {
      const store = await open();
      expect(await store.head()).toBeUndefined();
      expect(await store.has(1)).toBe(false);
      expect(await store.open(1)).toBeUndefined();
    });

    it('returns a bundle as it was written, in whatever pieces', async () => {
      const store = await open();
      expect(await store.create(1, pieces('{"a":"ä', '"}', '\n'))).toBe(true);
      expect(await store.has(1)).toBe(true);
      expect(await textOf(store, 1)).toBe('{"a":"ä"}\n');
    });

    it('never overwrites a bundle', async () => {
      const store = await open();
      await store.create(1, pieces('first'));
      expect(await store.create(1, pieces('second'))).toBe(false);
      expect(await textOf(store, 1)).toBe('first');
    });

    it('lets one of two writers win', async () => {
      const store = await open();
      const won = await Promise.all(['a', 'b', 'c'].map((text) => store.create(1, pieces(text))));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('keeps nothing of a bundle whose upload fails', async () => {
      const store = await open();
      await expect(store.create(1, breaking())).rejects.toThrow('broke off');
      expect(await store.has(1)).toBe(false);
      expect(await store.create(1, pieces('whole'))).toBe(true);
    });

    it('moves the head only from the version that was read', async () => {
      const store = await open();
      expect(await store.moveHead(head(1), undefined)).toBe(true);
      expect(await store.moveHead(head(2), undefined)).toBe(false);
      const held = (await store.head()) ?? expect.unreachable();
      expect(held.head).toEqual(head(1));
      expect(await store.moveHead({ ...head(2), auditId: 'a1' }, held.version)).toBe(true);
      expect(await store.moveHead(head(3), held.version)).toBe(false);
      expect((await store.head())?.head).toEqual({ ...head(2), auditId: 'a1' });
    });
  });
}
