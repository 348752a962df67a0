import type { ExemptionStore, HeldExemption } from '../../shared/ports/exemption-store.ts';

/** Exemptions in a map; every write creates a version with characters that must be escaped in a header. */
export function anExemptionStore(held: readonly HeldExemption[] = []): ExemptionStore {
  const all = new Map(held.map((one) => [one.exemption.id, one]));
  let writes = 0;
  return {
    list: async () => [...all.values()].sort((a, b) => (a.exemption.id < b.exemption.id ? -1 : 1)),
    get: async (id) => all.get(id),
    put: async (write, basedOn) => {
      if (all.get(write.exemption.id)?.version !== basedOn) return 'conflict';
      const written = { ...write, version: `W/"datetime'${++writes}'" ☃` };
      all.set(write.exemption.id, written);
      return written;
    },
    delete: async (id, basedOn) => {
      if (all.get(id)?.version !== basedOn) return 'conflict';
      all.delete(id);
      return 'deleted';
    },
  };
}
