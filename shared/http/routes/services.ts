import { Fault } from '../../domain/snapshot/fault.ts';
import type { Service, ServiceStatus } from '../../ports/service-status.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { gauge } from '../framework/prometheus.ts';
import type { Check } from './health-check.ts';

/** The name of each service at the start of a sentence. */
const NAMES: Readonly<Record<Service, string>> = {
  vulnerabilities: "AKS's public vulnerability data",
  defender: 'Microsoft Defender for Cloud',
  attestations: 'The Azure Policy attestations',
};

/** Returns a check for each service that is on or still has published items. No audit depends on a service, so none is unhealthy. */
export async function serviceChecks({ services }: ApiDependencies): Promise<readonly Check[]> {
  if (services === undefined) return [];
  try {
    return (await services()).map(checkOf);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ name: 'services', status: 'degraded', message: `The state of other services cannot be read: ${error.message}` }];
  }
}

function checkOf({ service, mode, lastSuccessAt, failures, problem, leftBehind }: ServiceStatus): Check {
  const last = lastSuccessAt === undefined ? 'nothing has succeeded yet' : `the last success was at ${lastSuccessAt}`;
  const failed = failures === 0 ? '' : ` ${failures} have failed since the last success.`;
  const why = problem === undefined ? '' : ` ${problem.message}`;
  const left =
    leftBehind === 0
      ? ''
      : ` ${leftBehind} items written there are still to be withdrawn${mode === 'off' ? ': set it to withdraw first' : ''}.`;
  const isWell = failures === 0 && problem === undefined && leftBehind === 0;
  return { name: service, status: isWell ? 'healthy' : 'degraded', message: `${NAMES[service]} (${mode}): ${last}.${failed}${why}${left}` };
}

/** Returns the same as metrics; without samples if no service is on. */
export async function serviceMetrics({ services }: Pick<ApiDependencies, 'services'>): Promise<readonly string[]> {
  const all = (await services?.()) ?? [];
  const of = (value: (status: ServiceStatus) => number | undefined) =>
    all.flatMap((status) => {
      const number = value(status);
      return number === undefined ? [] : [{ labels: { service: status.service }, value: number }];
    });
  const lastSuccess = ({ lastSuccessAt }: ServiceStatus) => (lastSuccessAt === undefined ? undefined : Date.parse(lastSuccessAt) / 1_000);
  return [
    gauge('kataudit_service_last_success_timestamp_seconds', 'Time of the last successful call to a service.', of(lastSuccess)),
    gauge(
      'kataudit_service_failures',
      'Failures of a service without a success since: clusters, or consecutive queries.',
      of(({ failures }) => failures),
    ),
    gauge(
      'kataudit_service_left_behind',
      'Items that were written to a service and are still to be withdrawn.',
      of(({ leftBehind }) => leftBehind),
    ),
  ];
}
