import { randomUUID } from 'node:crypto';
import type { Settings } from '../../config/settings.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import type { ApiDependencies } from '../../http/framework/api.ts';
import type { AzureEstate } from '../../ports/azure-estate.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ConnectCluster } from '../../ports/cluster-reader.ts';
import type { ImageKnowledgeSource } from '../../ports/image-knowledge.ts';
import type { Messages } from '../../ports/messages.ts';
import type { PolicySource } from '../../ports/policy-source.ts';
import type { ServiceStatus } from '../../ports/service-status.ts';
import type { Signer } from '../../ports/signer.ts';
import type { Stores } from '../../ports/stores.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { VulnerabilitySource } from '../../ports/vulnerability-source.ts';
import type { ClusterProbing } from '../../usecases/collect-snapshot.ts';
import type { DeliverNotification } from '../../usecases/deliver-notification.ts';
import type { Publisher } from '../../usecases/publish/publisher.ts';

/** Everything that the functions, the API and the command line need, wired. */
export interface App extends Stores {
  readonly settings: Settings;
  readonly azure: AzureEstate;
  readonly maintenance: Pick<AzureEstate, 'maintenanceConfigurations'>;
  /** This process's estimate of its remaining call budgets. */
  readonly callBudgets: NonNullable<ApiDependencies['callBudgets']>;
  readonly connect: ConnectCluster;
  readonly probe: ClusterProbing;
  /** Absent when no notification target is set. */
  readonly notify?: Messages['notification'];
  /** Services to which results are published, including those that are off. */
  readonly publishers: readonly Publisher[];
  readonly ownTargets: DeliverNotification['ownTargets'];
  readonly notifierOf: DeliverNotification['notifierOf'];
  readonly policy: PolicySource;
  readonly images: ImageKnowledgeSource;
  /** Absent unless the operator enabled it. */
  readonly vulnerabilities?: VulnerabilitySource;
  /** Status of the other services; services that are off and have nothing published are omitted. */
  readonly services: () => Promise<readonly ServiceStatus[]>;
  readonly pruneCache: () => Promise<number>;
  /** Absent when no key is configured. */
  readonly signer?: Signer;
  readonly telemetry: Telemetry;
  readonly rules: readonly Rule[];
  readonly scope: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  /** Signs the cursors of the API's lists; the same in every instance. */
  readonly cursorSecret: () => Promise<string>;
  readonly settleSeconds: number;
  /** When this app was wired. */
  readonly startedAt: Date;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly jitterSeconds: () => number;
}

/** The parts of an app that are the same in every host. */
export function common(settings: Settings, rules: readonly Rule[]) {
  return {
    settings,
    rules,
    scope: { subscriptions: settings.KATAUDIT_SUBSCRIPTIONS, managementGroups: settings.KATAUDIT_MANAGEMENT_GROUPS },
    settleSeconds: settings.KATAUDIT_SETTLE_SECONDS,
    clock: () => new Date(),
    startedAt: new Date(),
    newId: () => `${new Date().toISOString().replaceAll(/[-:.]/g, '').toLowerCase()}-${randomUUID().slice(0, 8)}`,
    jitterSeconds: () => Math.floor(Math.random() * settings.KATAUDIT_JITTER_SECONDS),
  };
}
