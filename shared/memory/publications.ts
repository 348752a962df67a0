import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { HeldPublished, PublicationStore } from '../ports/publication-store.ts';

/** Publication records in memory. */
export function memoryPublications(): PublicationStore {
  const records = new Map<string, HeldPublished>();
  const rounds = new Map<string, string>();
  let versions = 0;
  const keyOf = (service: string, scope: string) => `${service} ${scope.toLowerCase()}`;
  const isOf = (scope: string, subscriptionId: string) =>
    (parseClusterId(scope)?.subscriptionId ?? scope.replace('/subscriptions/', '')).toLowerCase() === subscriptionId.toLowerCase();
  return {
    get: async (service, scope) => structuredClone(records.get(keyOf(service, scope))),
    put: async (published, basedOn) => {
      const key = keyOf(published.service, published.scope);
      if (records.get(key)?.version !== basedOn) return undefined;
      versions += 1;
      records.set(key, { published: structuredClone(published), version: String(versions) });
      return String(versions);
    },
    forget: async (service, scope, version) => {
      const key = keyOf(service, scope);
      return records.get(key)?.version === version && records.delete(key);
    },
    list: async (service, subscriptionId) =>
      [...records.values()]
        .map(({ published }) => structuredClone(published))
        .filter((one) => one.service === service && (subscriptionId === undefined || isOf(one.scope, subscriptionId))),
    round: async (service) => rounds.get(service),
    setRound: async (service, round) => {
      rounds.set(service, round);
    },
  };
}
