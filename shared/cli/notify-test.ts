import { openNotifiers } from '../compose/command-line/notifiers.ts';
import { VERSION } from '../compose/container/version.ts';
import type { Notification } from '../domain/findings/notification.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { FULL } from '../domain/snapshot/observation.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain } from './frame/table.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';

/** The options of `kataudit notify test`. */
export interface NotifyTestOptions {
  readonly policy?: string;
  readonly target?: readonly string[];
}

const LIMIT_MS = 60_000;

/** Sends a sample change to each target; returns 2 if one could not be reached. */
export async function notifyTest(here: Surroundings, options: NotifyTestOptions): Promise<number> {
  const [{ policy }, open] = await Promise.all([policyOf(options.policy), openNotifiers(here.env)]);
  const targets = [...open.ownTargets, ...policy.notifications.targets];
  const unknown = options.target?.find((name) => targets.every((target) => target.name !== name));
  if (unknown !== undefined) throw new UsageError(`There is no target ${unknown}; there ${listed(targets.map(({ name }) => name))}.`);
  if (targets.length === 0) throw new UsageError('There is no notification target, neither in the policy nor in KATAUDIT_NOTIFY_URL.');
  let code = 0;
  for (const target of targets.filter(({ name }) => options.target?.includes(name) ?? true)) {
    try {
      await open
        .notifierOf(target, policy.notifications.allowPrivateAddresses)
        .deliver([sample(here.now())], AbortSignal.timeout(LIMIT_MS));
      here.terminal.print(`${target.name}: delivered`);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      code = 2;
      here.terminal.say(plain(`${target.name}: ${error.message}`));
    }
  }
  return code;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'are none' : `is ${names.join(', ')}`;
}

/** A sample change, whose text says that it is a test. */
function sample(now: Date): Notification {
  const at = now.toISOString();
  const clusterId = 'kubeconfig:notify-test';
  const message = `This is a test of notifications by Kataudit ${VERSION}: nothing was found.`;
  const subject = { kind: 'workload', namespace: 'test', ownerKind: 'Deployment', ownerName: 'notify-test' } as const;
  const finding = {
    id: 'notify-test',
    ruleId: 'workload-sandboxed',
    clusterId,
    clusterName: 'notify-test',
    subscriptionId: '',
    subject,
    severity: 'critical',
    status: 'open',
    message,
    remediation: 'Nothing needs to be done.',
    facts: {},
    coverage: FULL,
    firstSeenAt: at,
    lastSeenAt: at,
    reopenCount: 0,
    observedAt: at,
  } as const;
  return {
    clusterId,
    clusterName: 'notify-test',
    cause: 'notify test',
    changes: [{ id: `notify-test/${at}`, kind: 'opened', at, severity: 'critical', message, finding }],
  };
}
