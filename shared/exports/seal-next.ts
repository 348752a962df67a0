import { Fault } from '../domain/snapshot/fault.ts';
import type { BundleHead, BundleStore } from '../ports/bundle-store.ts';
import type { Clock } from '../ports/clock.ts';
import { type Previous, type Sealing, sealBundle } from './bundle.ts';
import type { EvidenceEntry } from './evidence.ts';
import { verifyBundle } from './verify-bundle.ts';

/** Dependencies for sealing the next bundle. */
export interface SealNext {
  readonly bundles: BundleStore;
  /** Returns the current evidence; called again if another bundle was sealed in the meantime. */
  readonly entries: () => Promise<AsyncIterable<EvidenceEntry>>;
  readonly sign: Sealing['sign'];
  readonly clock: Clock;
}

const MAX_ATTEMPTS = 5;

/**
 * Seals the evidence as the next bundle of the chain and moves the head to it. The number and the previous bundle come only from the
 * head. A number is written only once, so concurrent calls cannot create two chains; a bundle that a crash left without moving the head
 * becomes part of the chain. Safe to run twice.
 */
export async function sealNext({ bundles, entries, sign, clock }: SealNext, auditId?: string): Promise<BundleHead> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const held = await bundles.head();
    const previous = held && { sha256: held.head.sha256, sequence: held.head.sequence };
    const left = await leftBehind(bundles, previous);
    if (left !== undefined) {
      await bundles.moveHead({ ...left, ...sealedAfter(held?.head.auditId) }, held?.version);
      continue;
    }
    const sealedAt = clock().toISOString();
    const sealed = await create(bundles, await entries(), { previous, sealedAt, sign });
    if (sealed === undefined) continue;
    const head = { ...sealed, sealedAt, ...sealedAfter(auditId ?? held?.head.auditId) };
    // Another process that moved it in the meantime moved it to this same bundle, because the number is written only once.
    await bundles.moveHead(head, held?.version);
    return head;
  }
  throw new Fault('conflict', `Others sealed a bundle ${MAX_ATTEMPTS} times meanwhile: ask again.`);
}

function sealedAfter(auditId: string | undefined): Pick<BundleHead, 'auditId'> {
  return auditId === undefined ? {} : { auditId };
}

/** Writes the next bundle and returns the reference to it; `undefined` if the number is already taken. */
async function create(bundles: BundleStore, entries: AsyncIterable<EvidenceEntry>, sealing: Sealing): Promise<Previous | undefined> {
  let self: Previous | undefined;
  async function* pieces() {
    self = yield* sealBundle(entries, sealing);
  }
  return (await bundles.create((sealing.previous?.sequence ?? 0) + 1, pieces())) ? self : undefined;
}

/** Returns the bundle after the head whose process ended before it moved the head. */
async function leftBehind(bundles: BundleStore, previous: Previous | undefined): Promise<BundleHead | undefined> {
  const sequence = (previous?.sequence ?? 0) + 1;
  if (!(await bundles.has(sequence))) return undefined;
  const check = await verifyBundle(() => reopened(bundles, sequence));
  if (check.state !== 'intact' || check.sequence !== sequence || check.previous?.sha256 !== previous?.sha256) {
    const why = check.state === 'intact' ? 'it does not follow the one before it.' : check.first;
    throw new Fault('conflict', `Bundle ${sequence} in the storage is not one that was sealed here: ${why} The chain cannot go on.`);
  }
  return { ...check.self, sealedAt: check.sealedAt };
}

async function* reopened(bundles: BundleStore, sequence: number): AsyncGenerator<Uint8Array, void, undefined> {
  yield* (await bundles.open(sequence)) ?? [];
}
