import type { BundleCheck, IntactBundle } from './verify-bundle.ts';

interface Seen {
  readonly file: string;
  readonly bundle: IntactBundle;
}

/** Checks that bundles form one chain: each follows the previous one, and no two have the same position. */
export class ChainCheck {
  readonly #trusted: readonly string[];
  readonly #from: number;
  readonly #bySequence = new Map<number, Seen>();
  #before: Seen | undefined;
  #isFirst = true;

  /** `trusted`: fingerprints of the trusted keys; an empty list trusts no key. `from`: the number of the first bundle. */
  constructor(trusted: readonly string[], from: number) {
    this.#trusted = trusted;
    this.#from = from;
  }

  /** Checks the next bundle and returns a sentence about what is wrong; `undefined` if it is valid. */
  wrongWith(file: string, check: BundleCheck): string | undefined {
    const seen = check.state === 'changed' ? undefined : { file, bundle: check };
    const wrong =
      check.state === 'changed' ? check.first : (this.#wrongKey(check) ?? this.#fork({ file, bundle: check }) ?? this.#wrongPlace(check));
    this.#before = seen;
    this.#isFirst = false;
    return wrong;
  }

  /** A key that changes within the chain must be trusted explicitly. Otherwise anybody could continue the chain with their own key. */
  #wrongKey({ signedBy }: IntactBundle): string | undefined {
    if (this.#trusted.includes(signedBy)) return undefined;
    if (this.#trusted.length > 0) return `It is signed by another key, ${signedBy}.`;
    const before = this.#before;
    if (before === undefined || before.bundle.signedBy === signedBy) return undefined;
    return `It is signed by another key than ${before.file}, ${signedBy}: name both with --public-key if the key was changed.`;
  }

  #fork(seen: Seen): string | undefined {
    const { sequence, self } = seen.bundle;
    const other = this.#bySequence.get(sequence);
    this.#bySequence.set(sequence, other ?? seen);
    if (other === undefined || other.bundle.self.sha256 === self.sha256) return undefined;
    return `The chain forks: it and ${other.file} are both bundle ${sequence}, and differ.`;
  }

  #wrongPlace({ sequence, previous }: IntactBundle): string | undefined {
    const before = this.#before;
    if (before === undefined) {
      // The position of a bundle after a changed one is unknown.
      if (!this.#isFirst || sequence === this.#from) return undefined;
      return `It is bundle ${sequence}, and the first should be ${this.#from}: give those before it, or --from ${sequence}.`;
    }
    const follows = previous?.sha256 === before.bundle.self.sha256 && sequence === before.bundle.sequence + 1;
    return follows ? undefined : `It does not follow ${before.file}.`;
  }
}
