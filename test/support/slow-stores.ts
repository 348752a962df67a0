import type { Stores } from '../../shared/ports/stores.ts';

/** Calls that change nothing: they may run side by side. Every other call of a store is a write. */
const READS: ReadonlySet<string> = new Set([
  ...['get', 'list', 'listSettled', 'head', 'has', 'open', 'round'],
  ...['ofCluster', 'cluster', 'clusters', 'clusterHistory', 'history', 'changes', 'readChanges'],
  ...['isWaiting', 'isRebuilt', 'isRemembered', 'notices'],
]);
/** Turns of the event loop that a write takes: more than all reads of a use case. */
const TURNS = 100;

type Work<A extends readonly never[], T> = (...words: A) => Promise<T>;

/** Records writes that take longer than reads, so that a use case that does not wait for one is noticed. */
export class SlowWrites {
  /** Every write that ended, in order; one that began during another one says so. */
  readonly done: string[] = [];
  readonly #underWay = new Set<string>();

  /** Writes that have not ended. */
  get underWay(): readonly string[] {
    return [...this.#underWay];
  }

  /** A call that is a write. */
  write<A extends readonly never[], T>(name: string, work: Work<A, T>): Work<A, T> {
    return async (...words) => {
      const [other] = this.#underWay;
      this.#underWay.add(name);
      const came = await work(...words);
      for (let turn = 0; turn < TURNS; turn++) await new Promise(setImmediate);
      this.#underWay.delete(name);
      this.done.push(other === undefined ? name : `${name} during ${other}`);
      return came;
    };
  }

  /** The same stores with slow writes. */
  stores<T extends Stores>(stores: T): T {
    const slow = Object.entries(stores).map(([store, calls]: [string, object]) => {
      if (Array.isArray(calls)) return [store, calls];
      const all = Object.entries(calls).map(([name, call]) => [name, READS.has(name) ? call : this.write(`${store}.${name}`, call)]);
      return [store, Object.fromEntries(all)];
    });
    return { ...stores, ...Object.fromEntries(slow) };
  }
}
