/** The newest bundle of the chain. */
export interface BundleHead {
  readonly sequence: number;
  /** The digest of its manifest, to which the next bundle refers. */
  readonly sha256: string;
  /** RFC 3339 UTC. */
  readonly sealedAt: string;
  /** The newest audit after which a bundle was sealed; absent while every bundle was requested by a user. */
  readonly auditId?: string;
}

/** The chain of bundles: each is written once and never changed, and a head names the newest. */
export interface BundleStore {
  /** The head with its version; `undefined` before the first bundle. */
  head(): Promise<{ readonly head: BundleHead; readonly version: string } | undefined>;
  /** Moves the head from a version, or sets the first head without one; false when another writer moved it. */
  moveHead(head: BundleHead, basedOn: string | undefined): Promise<boolean>;
  /** Writes a bundle completely or not at all; false when this number exists already, which stays unchanged. */
  create(sequence: number, pieces: AsyncIterable<string>): Promise<boolean>;
  /** Whether a complete bundle of this number exists. */
  has(sequence: number): Promise<boolean>;
  /** A bundle as it was written; `undefined` when there is none of this number. */
  open(sequence: number): Promise<AsyncIterable<Uint8Array> | undefined>;
}
