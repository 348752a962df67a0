import type { BundleHead, BundleStore } from '../ports/bundle-store.ts';

/** The chain of bundles in memory. */
export function memoryBundles(): BundleStore {
  const bundles = new Map<number, Uint8Array>();
  let held: { readonly head: BundleHead; readonly version: string } | undefined;
  let versions = 0;
  return {
    head: async () => held,
    moveHead: async (head, basedOn) => {
      if (held?.version !== basedOn) return false;
      versions += 1;
      held = { head, version: String(versions) };
      return true;
    },
    create: async (sequence, pieces) => {
      let text = '';
      for await (const piece of pieces) text += piece;
      if (bundles.has(sequence)) return false;
      bundles.set(sequence, Buffer.from(text));
      return true;
    },
    has: async (sequence) => bundles.has(sequence),
    open: async (sequence) => {
      const bytes = bundles.get(sequence);
      return bytes === undefined ? undefined : once(bytes);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
