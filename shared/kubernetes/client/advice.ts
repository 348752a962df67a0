import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { SignInFault, Untrusted } from './network-fault.ts';

const AGAIN = 'The next audit tries again; if the problem persists,';

/** What an operator can do about each kind of fault. */
const ADVICE: Readonly<Partial<Record<FaultCode, string>>> = {
  unauthenticated: 'Check that the identity still exists, in the tenant whose tokens the cluster accepts.',
  denied: 'Give the identity that permission.',
  'not-found': 'Check that a Kubernetes API server answers at this address.',
  conflict: `${AGAIN} check the health of the control plane.`,
  expired: `${AGAIN} the list takes longer than the API server keeps its version: let the policy sample pods.`,
  throttled: `${AGAIN} check what else puts load on this API server, or let the policy sample pods.`,
  unreachable: `${AGAIN} check that the API server is running and that this network can reach it.`,
  'timed-out': `${AGAIN} check that the API server is running and that this network can reach it.`,
  malformed: `${AGAIN} check for a proxy that changes responses, or report the problem with the response.`,
  'too-large': `${AGAIN} check for a proxy that changes responses, or for unusually large objects.`,
  unsupported: 'Check that a Kubernetes API server answers at this address.',
};

/** Runs a read of an API server and adds advice to its fault. */
export async function advised<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const advice = error instanceof Fault && !saysItself(error) ? ADVICE[error.code] : undefined;
    if (!(error instanceof Fault) || advice === undefined) throw error;
    throw new Fault(error.code, `${error.message} ${advice}`, { cause: error });
  }
}

function saysItself(error: Fault): boolean {
  return error instanceof Untrusted || error instanceof SignInFault;
}
