/** The newest bundle of the chain. */
export interface BundleHead {
  readonly sequence: number;
  /** The digest of its manifest, which the next bundle names. */
  readonly sha256: string;
  /** RFC 3339 UTC. */
  readonly sealedAt: string;
  /** The newest audit after which a bundle was sealed; absent while all were asked for by somebody. */
  readonly auditId?: string;
}

/** The chain of bundles: each written once and never again, and a head that names the newest. */
export interface BundleStore {
  /** The head with its version; `undefined` before the first bundle. */
  head(): Promise<{ readonly head: BundleHead; readonly version: string } | undefined>;
  /** Moves the head from a version, or, without one, sets the first; false when somebody else moved it. */
  moveHead(head: BundleHead, basedOn: string | undefined): Promise<boolean>;
  /** Writes a bundle whole or not at all; false when there is one of this number, which stays as it is. */
  create(sequence: number, pieces: AsyncIterable<string>): Promise<boolean>;
  /** Whether there is a bundle of this number, whole. */
  has(sequence: number): Promise<boolean>;
  /** A bundle as it was written; `undefined` when there is none of this number. */
  open(sequence: number): Promise<AsyncIterable<Uint8Array> | undefined>;
}
