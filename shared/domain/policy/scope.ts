import type { Cluster } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
import { matchesGlobs } from './glob.ts';
import type { LabelSelector, Policy } from './policy.ts';

/** Whether the policy's scope covers a cluster: included by name and tags, and not excluded. */
export function inScope(cluster: Cluster, { scope }: Policy): boolean {
  if (!matchesGlobs(cluster.name, scope.include) || matchesGlobs(cluster.name, scope.exclude)) return false;
  // What cannot be read must not take a cluster out of scope without a word.
  if (unreadAmong(cluster, ['tags']) !== undefined) return true;
  if (Object.keys(scope.excludeTags).length > 0 && selects(scope.excludeTags, cluster.tags)) return false;
  return selects(scope.includeTags, cluster.tags);
}

/** Whether every entry of a selector is among the labels; an empty selector selects everything. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
