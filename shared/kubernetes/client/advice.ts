import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { SignInFault, Untrusted } from './network-fault.ts';

const AGAIN = 'The next audit asks again; if it stays so,';

/** What a person can do about a fault of each kind. */
const ADVICE: Readonly<Partial<Record<FaultCode, string>>> = {
  unauthenticated: 'Check that the identity still exists, and in the tenant that the cluster takes tokens of.',
  denied: 'Give the identity that permission.',
  'not-found': 'Check that a Kubernetes API server answers at this address.',
  conflict: `${AGAIN} look at what the control plane is doing.`,
  expired: `${AGAIN} the list takes longer than the API server remembers: let the policy sample pods.`,
  throttled: `${AGAIN} find out what else loads this API server, or let the policy sample pods.`,
  unreachable: `${AGAIN} check that the API server runs, and that this network may reach it.`,
  'timed-out': `${AGAIN} check that the API server runs, and that this network may reach it.`,
  malformed: `${AGAIN} look for a proxy that changes answers, or report it with what the server sent.`,
  'too-large': `${AGAIN} look for a proxy that changes answers, or for objects of an unusual size.`,
  unsupported: 'Check that a Kubernetes API server answers at this address.',
};

/** Runs a read of an API server; a fault that leaves it says in its last sentence what to do. */
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
