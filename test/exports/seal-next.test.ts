import { describe, expect, it } from 'vitest';
import type { Previous } from '../../shared/exports/bundle.ts';
import { type SealNext, sealNext } from '../../shared/exports/seal-next.ts';
import { verifyBundle } from '../../shared/exports/verify-bundle.ts';
import { memoryBundles } from '../../shared/memory/bundles.ts';
import type { BundleStore } from '../../shared/ports/bundle-store.ts';
import { from } from './samples.ts';
import { anEd25519Signer, entries, sealed } from './sealing.ts';

const signer = anEd25519Signer();
const world = (bundles: BundleStore, over: Partial<SealNext> = {}): SealNext => ({
  bundles,
  entries: async () => from(entries()),
  sign: signer.sign,
  clock: () => new Date('2026-11-23T12:00:00.000Z'),
  ...over,
});

async function* opened(bundles: BundleStore, sequence: number) {
  yield* (await bundles.open(sequence)) ?? [];
}

/** The chain in the store; fails when it is invalid. */
async function chainOf(bundles: BundleStore): Promise<number> {
  let before: string | undefined;
  for (let sequence = 1; ; sequence++) {
    if (!(await bundles.has(sequence))) return sequence - 1;
    const check = await verifyBundle(() => opened(bundles, sequence));
    if (check.state === 'changed') throw new Error(check.first);
    expect([check.sequence, check.previous?.sha256]).toEqual([sequence, before]);
    before = check.self.sha256;
  }
}

describe('sealing the next bundle', () => {
  it('begins a chain, continues it, and moves the head', async () => {
    const bundles = memoryBundles();
    expect(await sealNext(world(bundles), 'a1')).toMatchObject({ sequence: 1, auditId: 'a1' });
    expect(await sealNext(world(bundles))).toMatchObject({ sequence: 2, auditId: 'a1' });
    expect((await bundles.head())?.head).toMatchObject({ sequence: 2, auditId: 'a1' });
    expect(await sealNext(world(bundles), 'a2')).toMatchObject({ sequence: 3, auditId: 'a2', sealedAt: '2026-11-23T12:00:00.000Z' });
    expect(await chainOf(bundles)).toBe(3);
  });

  it('creates one chain when two processes seal at once', async () => {
    const bundles = memoryBundles();
    const heads = await Promise.all([1, 2, 3].map(() => sealNext(world(bundles))));
    expect(heads.map(({ sequence }) => sequence).sort()).toEqual([1, 2, 3]);
    expect(await chainOf(bundles)).toBe(3);
    expect((await bundles.head())?.head.sequence).toBe(3);
  });

  it('continues from a bundle when a crash prevented the move of the head', async () => {
    const bundles = memoryBundles();
    await sealNext(world(bundles));
    const dying = { ...bundles, moveHead: () => Promise.reject(new Error('killed')) };
    await expect(sealNext(world(dying))).rejects.toThrow('killed');
    expect((await bundles.head())?.head.sequence).toBe(1);
    const moved: number[] = [];
    const watched: BundleStore = {
      ...bundles,
      moveHead: async (...how) => {
        await new Promise((done) => setImmediate(done));
        moved.push(how[0].sequence);
        return bundles.moveHead(...how);
      },
    };
    expect(await sealNext(world(watched))).toMatchObject({ sequence: 3 });
    expect(moved).toEqual([2, 3]);
    expect(await chainOf(bundles)).toBe(3);
  });

  it('moves the head after the bundle is written, and ends after that', async () => {
    const bundles = memoryBundles();
    const steps: string[] = [];
    await sealNext(
      world({
        ...bundles,
        create: async (...how) => {
          const isNew = await bundles.create(...how);
          steps.push('written');
          return isNew;
        },
        moveHead: async (...how) => {
          await new Promise((done) => setImmediate(done));
          steps.push('moved');
          return bundles.moveHead(...how);
        },
      }),
    );
    expect(steps).toEqual(['written', 'moved']);
  });

  it('gives up after others were first five times', async () => {
    const bundles = memoryBundles();
    let tried = 0;
    const late = { ...bundles, create: async () => ++tried < 1 };
    await expect(sealNext(world(late))).rejects.toMatchObject({ name: 'Fault', code: 'conflict' });
    expect(tried).toBe(5);
    expect(await bundles.head()).toBeUndefined();
  });

  it('leaves nothing when the evidence fails or there is no signing key', async () => {
    const bundles = memoryBundles();
    await expect(sealNext(world(bundles, { entries: async () => from(entries().slice(0, 1)) }))).rejects.toThrow('breaks off');
    await expect(sealNext(world(bundles, { sign: () => Promise.reject(new Error('no key')) }))).rejects.toThrow('no key');
    expect(await chainOf(bundles)).toBe(0);
    expect(await bundles.head()).toBeUndefined();
  });

  it('does not continue from a bundle that someone else added', async () => {
    const bundles = memoryBundles();
    await sealNext(world(bundles));
    await bundles.create(2, from([await sealed(anEd25519Signer(), { sha256: 'a'.repeat(64), sequence: 1 })]));
    await expect(sealNext(world(bundles))).rejects.toThrow(/Bundle 2 in the storage is not one that was sealed here/);
    expect((await bundles.head())?.head.sequence).toBe(1);
  });

  it.each<[string, (first: Previous) => Promise<string>]>([
    ['was changed', async (first) => (await sealed(signer, first)).replace('about', 'other')],
    ['has no other before it', async () => sealed(signer)],
    ['has another number', async ({ sha256 }) => sealed(signer, { sha256, sequence: 5 })],
  ])('does not continue from a bundle that %s', async (_, textOf) => {
    const bundles = memoryBundles();
    const { sha256, sequence } = await sealNext(world(bundles));
    await bundles.create(2, from([await textOf({ sha256, sequence })]));
    await expect(sealNext(world(bundles))).rejects.toMatchObject({ name: 'Fault', code: 'conflict' });
    expect((await bundles.head())?.head.sequence).toBe(1);
  });
});
