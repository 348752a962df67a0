import type { StoredObject } from '../../shared/local/estate/kubernetes/kubernetes-resources.ts';
import { PARTS } from '../pods/clients.ts';
import type { Plan } from '../pods/measure.ts';
import type { Seeded } from './seed.ts';

/** Shares of the namespaces whose pods must be sandboxed, and of the nodes that can run Kata. */
const SHAPES = [
  [0.02, 0.05],
  [0.1, 0.1],
  [0.1, 0.3],
  [0.3, 0.3],
] as const;

/**
 * What a census would read that asks only for the pods of some namespaces, those on Kata nodes and those on no node: the API
 * server has indexes of namespaces and nodes. No code reads this way today; the rows show what it would save.
 */
export function partPlans({ namespaces, nodes }: Readonly<Record<Seeded, readonly StoredObject[]>>): readonly Plan[] {
  return SHAPES.map(([ofNamespaces, ofNodes]) => {
    const paths = [
      ...some(namespaces, ofNamespaces).map((name) => `/api/v1/namespaces/${name}/pods`),
      ...['', ...some(nodes, ofNodes)].map((name) => `/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`),
    ];
    const name = `drain of the pods of ${ofNamespaces * 100} % of the namespaces and ${ofNodes * 100} % of the nodes`;
    return { name, client: 'drain-parts', environment: { [PARTS]: paths.join('\n') } };
  });
}

/** A share of some objects, by name, evenly spread over all of them. */
function some(objects: readonly StoredObject[], share: number): readonly string[] {
  return objects.filter((_, at) => Math.floor(at * share) < Math.floor((at + 1) * share)).map(({ fields }) => fields['metadata.name']);
}
