import type { Cluster } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
import { matchesGlobs } from './glob.ts';
import type { LabelSelector, Policy } from './policy.ts';

/** Whether a cluster is in the policy's scope: included by name and tags, and not excluded. */
export function inScope(cluster: Cluster, { scope }: Policy): boolean {
  if (!matchesGlobs(cluster.name, scope.include) || matchesGlobs(cluster.name, scope.exclude)) return false;
  // Tags that cannot be read must not silently remove a cluster from the scope.
  if (unreadAmong(cluster, ['tags']) !== undefined) return true;
  if (Object.keys(scope.excludeTags).length > 0 && selects(scope.excludeTags, cluster.tags)) return false;
  return selects(scope.includeTags, cluster.tags);
}

/** Whether the labels contain every entry of a selector; an empty selector matches everything. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
