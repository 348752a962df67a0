import type { UnavailableReason } from '../domain/snapshot/observation.ts';

/** What the app asks, or tells what it found, beside Azure and the clusters that it audits. */
export type Service = 'vulnerabilities' | 'defender' | 'attestations';

/** How it goes with one such service. */
export interface ServiceStatus {
  readonly service: Service;
  /** `withdraw`: what was told is taken back, and nothing more is told. */
  readonly mode: 'off' | 'on' | 'withdraw';
  /** RFC 3339; absent before the first success. */
  readonly lastSuccessAt?: string;
  /** What went wrong and has not gone right since: clusters, or questions in a row. */
  readonly failures: number;
  /** The newest of these failures, or why nothing can be asked or told at all. */
  readonly problem?: UnavailableReason;
  /** What is still there though it is no longer to be: it waits to be taken back, or cannot be. */
  readonly leftBehind: number;
}
