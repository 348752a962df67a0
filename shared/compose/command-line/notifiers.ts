import { load } from '../../config/settings.ts';
import type { NotificationTarget } from '../../domain/policy/notification-target.ts';
import type { NotifierOf } from '../../ports/notifier.ts';
import { notifiers, ownTargetsOf } from '../container/notifier.ts';

/** Notifiers for the targets in an environment; Event Grid receives events from the signed-in identity. */
export async function openNotifiers(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly ownTargets: readonly NotificationTarget[]; readonly notifierOf: NotifierOf }> {
  const settings = load(environment);
  const { azureCredential } = await import('../../azure/client/credential.ts');
  const credential = { getToken: async (scope: string | string[]) => (await azureCredential(settings.AZURE_CLIENT_ID)).getToken(scope) };
  return { ownTargets: ownTargetsOf(settings), notifierOf: notifiers({ settings, clock: () => new Date(), credential }) };
}
