import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { type AuditOutcome, auditOutcome } from '../../usecases/audit-outcome.ts';
import { COMMON, SECURED } from '../framework/answers.ts';
import type { ApiDependencies, ApiResponse } from '../framework/api.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { HealthView, LivenessView } from '../schemas/operation-schemas.ts';
import type { Check, Status } from './health-check.ts';
import { type AuditTimes, scheduleCheck, scopeCheck } from './health-schedule.ts';
import { serviceChecks } from './services.ts';

/** `GET /health`: shows load balancers that the process answers, and nothing else. */
export const getHealth = defineRoute({
  name: 'get-health',
  tag: 'operations',
  summary: 'Reports that the process is alive.',
  query: NO_QUERY,
  answers: { 200: { description: 'The process answers.', schema: LivenessView }, ...COMMON },
  handle: async () => alive(),
  constant: alive,
});

/** `GET /health/detail`: the state of each part of the app, with reasons. */
export const getHealthDetail = defineRoute({
  name: 'get-health-detail',
  tag: 'operations',
  summary: 'Reports which parts work and which do not.',
  query: NO_QUERY,
  answers: {
    200: { description: 'It works, possibly degraded.', schema: HealthView },
    ...SECURED,
    503: { description: 'It does not work.', schema: HealthView },
  },
  handle: async (dependencies) => {
    const basis = [
      settingsCheck(dependencies.configProblem),
      await storageCheck(dependencies),
      await policyCheck(dependencies),
      await auditsCheck(dependencies),
      ...(await imagesCheck(dependencies)),
      ...(await serviceChecks(dependencies)),
    ];
    // Without storage or a policy, scope and schedule are unknown, and the checks above give the reason.
    if (basis.some(({ status }) => status === 'unhealthy')) return healthResponse(basis, dependencies.version);
    const { checks, times } = await scheduleCheck(dependencies);
    return healthResponse([...basis, ...(await scopeCheck(dependencies)), ...checks], dependencies.version, times);
  },
  unwired: (problem) => healthResponse([settingsCheck(problem, 'unhealthy')]),
});

function alive(): ApiResponse {
  return json({ status: 'alive' });
}

function healthResponse(checks: readonly Check[], version?: string, audits?: AuditTimes): ApiResponse {
  const worst = (['unhealthy', 'degraded'] as const).find((status) => checks.some((check) => check.status === status)) ?? 'healthy';
  const body = { status: worst, ...given({ version, audits }), checks };
  return json(body, worst === 'unhealthy' ? 503 : 200);
}

function settingsCheck(problem: string | undefined, status: Status = 'degraded'): Check {
  return problem === undefined
    ? { name: 'settings', status: 'healthy', message: 'The settings are valid.' }
    : { name: 'settings', status, message: problem };
}

async function storageCheck({ findings }: ApiDependencies): Promise<Check> {
  const problem = await faultOf(() => findings.clusters(1));
  return problem === undefined
    ? { name: 'storage', status: 'healthy', message: 'The storage can be read.' }
    : { name: 'storage', status: 'unhealthy', message: problem };
}

async function policyCheck({ policy }: ApiDependencies): Promise<Check> {
  let refused: string | undefined;
  const problem = await faultOf(async () => {
    refused = (await policy()).problem;
  });
  if (problem !== undefined) return { name: 'policy', status: 'unhealthy', message: problem };
  if (refused !== undefined) return { name: 'policy', status: 'degraded', message: refused };
  return { name: 'policy', status: 'healthy', message: 'The newest policy is in force.' };
}

/** Included only if something is wrong, because most apps have no image file. */
async function imagesCheck({ images }: ApiDependencies): Promise<readonly Check[]> {
  const problem = (await images?.())?.problem;
  return problem === undefined ? [] : [{ name: 'images', status: 'degraded', message: problem }];
}

/** Maximum number of audits searched for one that has ended. */
const AUDITS_LOOKED_THROUGH = 20;

/** Checks whether the newest audit that ended could list every subscription; a missing one may have failures. */
async function auditsCheck({ audits, clock }: ApiDependencies): Promise<Check> {
  let outcome: AuditOutcome | undefined;
  const problem = await faultOf(async () => {
    const newest = (await audits.list(AUDITS_LOOKED_THROUGH)).value.find(({ end }) => end !== undefined);
    const report = newest === undefined ? undefined : await audits.get(newest.id);
    outcome = report && auditOutcome(report, clock());
  });
  if (problem !== undefined) return { name: 'audits', status: 'unhealthy', message: problem };
  const [first] = outcome?.notListed ?? [];
  if (outcome === undefined) return { name: 'audits', status: 'healthy', message: 'No audit has ended yet.' };
  if (first === undefined) return { name: 'audits', status: 'healthy', message: 'The newest audit listed every subscription.' };
  const message = `The newest audit is not complete: ${outcome.notListed.length} subscriptions could not be listed completely. ${first.subscriptionId}: ${first.reason.message}`;
  return { name: 'audits', status: 'degraded', message };
}

async function faultOf(look: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await look();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
