import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';

const AGAIN = 'The next audit asks again; if it stays so,';

/** What a person can do about a fault of each kind, where the fault itself does not say it. */
const ADVICE: Readonly<Partial<Record<FaultCode, string>>> = {
  conflict: `${AGAIN} look for an operation on it that does not end.`,
  throttled: `${AGAIN} find out what else spends the call budget of this identity.`,
  unreachable: `${AGAIN} check the way from here to Azure, and whether Azure reports an incident.`,
  'timed-out': `${AGAIN} check the way from here to Azure, and whether Azure reports an incident.`,
  malformed: `${AGAIN} look for a proxy that changes answers, or report it with what Azure sent.`,
  'too-large': `${AGAIN} look for a proxy that changes answers, or report it with what Azure sent.`,
  expired: `${AGAIN} report it with what Azure said.`,
  unsupported:
    'Check that KATAUDIT_ARM_ENDPOINT is of the right cloud and that the subscription is registered for Microsoft.ContainerService.',
};

/** Runs a call to Azure; a fault that leaves it says in its last sentence what to do. */
export async function advised<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const advice = error instanceof Fault ? ADVICE[error.code] : undefined;
    if (!(error instanceof Fault) || advice === undefined) throw error;
    throw new Fault(error.code, `${error.message} ${advice}`, { cause: error });
  }
}
