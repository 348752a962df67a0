import { given } from '../../shared/domain/snapshot/given.ts';
import type { IsolationProof } from '../../shared/domain/snapshot/snapshot.ts';
import { aKataNode } from './a-snapshot.ts';

const NODE = aKataNode();

/** What a command in a pod of `shop/cart` on the Kata node reported: a boot id that is not the node's. */
export function anExecProof(over: Partial<IsolationProof> = {}): IsolationProof {
  return {
    namespace: 'shop',
    pod: 'cart-1',
    ownerKind: 'Deployment',
    ownerName: 'cart',
    node: NODE.name,
    nodePool: 'kata1',
    ...given({ nodeImageVersion: NODE.nodeImageVersion }),
    runtimeClassName: 'kata-vm-isolation',
    method: 'exec',
    at: '2026-09-01T12:00:00.000Z',
    nodeBootId: NODE.bootId,
    nodeKernel: NODE.kernelVersion,
    result: { state: 'read', bootId: 'own' },
    ...over,
  };
}
