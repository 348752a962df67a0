import type { PodOwner } from './pod-owner.ts';

/**
 * Remembers the newest run of every CronJob: between two runs it stands for the CronJob, and what
 * finished before it stands for nothing any more.
 */
export class NewestRuns {
  readonly #newest = new Map<string, { run: number; readonly groups: Set<string> }>();

  /** Tells which groups of finished pods are out of date once a pod of this run was seen. */
  see(workload: string, { run }: PodOwner): readonly string[] {
    if (run === undefined) return [];
    const held = this.#newest.get(workload);
    if (held !== undefined && held.run >= run) return [];
    this.#newest.set(workload, { run, groups: new Set() });
    return [...(held?.groups ?? [])];
  }

  /** Whether a newer run than this one was seen. */
  isOlder(workload: string, { run }: PodOwner): boolean {
    return run !== undefined && run < (this.#newest.get(workload)?.run ?? run);
  }

  /** Notes a group of finished pods of the newest run. */
  keep(workload: string, group: string): void {
    this.#newest.get(workload)?.groups.add(group);
  }

  /** Tells which groups of finished pods are out of date in the light of other pods. */
  absorb(other: NewestRuns): readonly string[] {
    return [...other.#newest].flatMap(([workload, { run, groups }]) => {
      const gone = this.see(workload, { kind: 'CronJob', name: '', run });
      if (this.isOlder(workload, { kind: 'CronJob', name: '', run })) return [...gone, ...groups];
      for (const group of groups) this.keep(workload, group);
      return gone;
    });
  }
}
