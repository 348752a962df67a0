import type { UnavailableReason } from '../domain/snapshot/observation.ts';

/** Services that the app reads from or publishes to, in addition to Azure and the audited clusters. */
export type Service = 'vulnerabilities' | 'defender' | 'attestations';

/** The status of one such service. */
export interface ServiceStatus {
  readonly service: Service;
  /** `withdraw`: published data is deleted, and nothing more is published. */
  readonly mode: 'off' | 'on' | 'withdraw';
  /** RFC 3339; absent before the first success. */
  readonly lastSuccessAt?: string;
  /** Failures without a later success: a number of clusters, or of consecutive requests. */
  readonly failures: number;
  /** The newest of these failures, or why the service cannot be used at all. */
  readonly problem?: UnavailableReason;
  /** Published objects that should no longer exist: their deletion is pending or not possible. */
  readonly leftBehind: number;
}
