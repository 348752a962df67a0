import { dueness } from '../../domain/schedule/due.ts';
import { parseNcrontab } from '../../domain/schedule/ncrontab.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { EMPTY_SCOPE } from '../../usecases/audit-lines.ts';
import type { ApiDependencies } from '../framework/api.ts';
import type { Check } from './health-check.ts';

/** When audits started and are due, RFC 3339. */
export interface AuditTimes {
  /** Absent if none has started yet. */
  readonly lastBegan?: string;
  /** Absent if the schedule has no further occurrence. */
  readonly nextDue?: string;
}

/** Checks whether anything is in scope; an audit without scope would report no failures. */
export async function scopeCheck({ scope, policy }: ApiDependencies): Promise<readonly Check[]> {
  if (scope === undefined) return [];
  const { policy: inForce } = await policy();
  const named = [scope, inForce.scope].flatMap(({ subscriptions, managementGroups }) => [...subscriptions, ...managementGroups]);
  if (named.length === 0) return [{ name: 'scope', status: 'unhealthy', message: EMPTY_SCOPE }];
  return [{ name: 'scope', status: 'healthy', message: `${named.length} subscriptions and management groups are in scope.` }];
}

/** Checks whether audits start on schedule. Nothing else reports a timer that the host refuses or that stopped. */
export async function scheduleCheck(
  dependencies: ApiDependencies,
): Promise<{ readonly checks: readonly Check[]; readonly times?: AuditTimes }> {
  const { schedule: text, audits, clock, startedAt } = dependencies;
  if (text === undefined || startedAt === undefined) return { checks: [] };
  const schedule = parseNcrontab(text);
  if (schedule === undefined) {
    return {
      checks: [
        { name: 'schedule', status: 'unhealthy', message: `The Functions host rejects the schedule ${text}, so no audit ever starts.` },
      ],
    };
  }
  let began: string | undefined;
  try {
    began = (await audits.list(1)).value[0]?.startedAt;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { checks: [{ name: 'schedule', status: 'unhealthy', message: `The start times of audits cannot be read: ${error.message}` }] };
  }
  const { state, due } = dueness(schedule, began === undefined ? undefined : new Date(began), startedAt, clock());
  const nextDue = due?.toISOString();
  const times = { ...given({ lastBegan: began, nextDue }) };
  return { checks: [dueCheck(state, began, nextDue)], times };
}

function dueCheck(state: 'on-time' | 'overdue', began: string | undefined, due = 'never'): Check {
  const last = began === undefined ? 'No audit has started yet' : `The last audit started at ${began}`;
  if (state === 'on-time') {
    const hint = began === undefined ? ' POST /api/audits starts one now.' : '';
    return {
      name: 'schedule',
      status: began === undefined ? 'degraded' : 'healthy',
      message: `${last}; the next is due at ${due}.${hint}`,
    };
  }
  const advice = 'The timer plan-audit did not run. Restart the app, and check in its log whether the host rejects the schedule.';
  return { name: 'schedule', status: 'unhealthy', message: `${last}; one was due at ${due} and did not start. ${advice}` };
}
