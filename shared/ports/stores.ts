import type { AssessmentStore } from './assessment-store.ts';
import type { AuditStore } from './audit-store.ts';
import type { BundleStore } from './bundle-store.ts';
import type { EventStore } from './event-store.ts';
import type { ExemptionStore } from './exemption-store.ts';
import type { FindingStore } from './finding-store.ts';
import type { Messages } from './messages.ts';
import type { OutboxStore } from './outbox-store.ts';
import type { ParkedStore } from './parked-store.ts';
import type { PublicationStore } from './publication-store.ts';
import type { TrendStore } from './trend-store.ts';

/** All stores of the app, and the queues that it sends to. */
export interface Stores {
  readonly findings: FindingStore;
  readonly audits: AuditStore;
  readonly trend: TrendStore;
  readonly parked: ParkedStore;
  readonly assessments: AssessmentStore;
  readonly events: EventStore;
  readonly exemptions: ExemptionStore;
  readonly bundles: BundleStore;
  readonly outbox: OutboxStore;
  readonly publications: PublicationStore;
  readonly messages: Messages;
}
