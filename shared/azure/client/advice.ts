import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';

const AGAIN = 'The next audit tries again; if the problem persists,';

/** What an operator can do about each kind of fault, if the fault itself does not say it. */
const ADVICE: Readonly<Partial<Record<FaultCode, string>>> = {
  conflict: `${AGAIN} check for an operation on it that never ends.`,
  throttled: `${AGAIN} check what else uses the call budget of this identity.`,
  unreachable: `${AGAIN} check the network path to Azure, and whether Azure reports an incident.`,
  'timed-out': `${AGAIN} check the network path to Azure, and whether Azure reports an incident.`,
  malformed: `${AGAIN} check for a proxy that changes responses, or report the problem with Azure's response.`,
  'too-large': `${AGAIN} check for a proxy that changes responses, or report the problem with Azure's response.`,
  expired: `${AGAIN} report the problem with Azure's message.`,
  unsupported:
    'Check that KATAUDIT_ARM_ENDPOINT belongs to the right cloud and that the subscription is registered for Microsoft.ContainerService.',
};

/** Runs a call to Azure and adds advice to its fault. */
export async function advised<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const advice = error instanceof Fault ? ADVICE[error.code] : undefined;
    if (!(error instanceof Fault) || advice === undefined) throw error;
    throw new Fault(error.code, `${error.message} ${advice}`, { cause: error });
  }
}
