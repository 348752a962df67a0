import type { PodOwner } from './pod-owner.ts';

/** Tracks the newest run of every CronJob. Between two runs the newest one represents the CronJob; older finished runs are discarded. */
export class NewestRuns {
  readonly #newest = new Map<string, { run: number; readonly groups: Set<string> }>();

  /** Records a run, and returns the groups of finished pods that it makes obsolete. */
  see(workload: string, { run }: PodOwner): readonly string[] {
    if (run === undefined) return [];
    const held = this.#newest.get(workload);
    if (held !== undefined && held.run >= run) return [];
    this.#newest.set(workload, { run, groups: new Set() });
    return [...(held?.groups ?? [])];
  }

  /** Whether a newer run was seen. */
  isOlder(workload: string, { run }: PodOwner): boolean {
    return run !== undefined && run < (this.#newest.get(workload)?.run ?? run);
  }

  /** Records a group of finished pods of the newest run. */
  keep(workload: string, group: string): void {
    this.#newest.get(workload)?.groups.add(group);
  }

  /** Adds the runs of another fold, and returns the groups that are now obsolete. */
  absorb(other: NewestRuns): readonly string[] {
    return [...other.#newest].flatMap(([workload, { run, groups }]) => {
      const gone = this.see(workload, { kind: 'CronJob', name: '', run });
      if (this.isOlder(workload, { kind: 'CronJob', name: '', run })) return [...gone, ...groups];
      for (const group of groups) this.keep(workload, group);
      return gone;
    });
  }
}
