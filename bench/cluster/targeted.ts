import type { StoredObject } from '../../shared/local/estate/kubernetes/kubernetes-resources.ts';
import { TARGETS } from '../pods/clients.ts';
import type { Plan } from '../pods/measure.ts';
import type { Seeded } from './seed.ts';

/** Shares of the namespaces whose pods must be sandboxed, and of the nodes that can run Kata. */
const SHAPES = [
  [0.02, 0.05],
  [0.1, 0.1],
  [0.1, 0.3],
] as const;

/** A census, and targeted reads of shares of the namespaces and nodes, each in its own process. */
export function targetedPlans({ namespaces, nodes }: Readonly<Record<Seeded, readonly StoredObject[]>>): readonly Plan[] {
  const targeted = SHAPES.map(([ofNamespaces, ofNodes]): Plan => {
    const targets = { namespaces: some(namespaces, ofNamespaces), nodes: some(nodes, ofNodes) };
    const name = `targeted read of ${ofNamespaces * 100} % of the namespaces and ${ofNodes * 100} % of the nodes`;
    return { name, client: 'targeted', environment: { [TARGETS]: JSON.stringify(targets) } };
  });
  return [{ name: 'census', client: 'census' }, ...targeted];
}

/** A share of some objects, by name, evenly spread over all of them. */
function some(objects: readonly StoredObject[], share: number): readonly string[] {
  return objects.filter((_, at) => Math.floor(at * share) < Math.floor((at + 1) * share)).map(({ fields }) => fields['metadata.name']);
}
