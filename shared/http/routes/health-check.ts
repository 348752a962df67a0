import type { Service } from '../../ports/service-status.ts';

/** The state of one part of the app. */
export type Status = 'healthy' | 'degraded' | 'unhealthy';

/** One check of health, with the reason if it is not healthy. */
export interface Check {
  readonly name: 'settings' | 'storage' | 'policy' | 'audits' | 'images' | 'scope' | 'schedule' | 'services' | Service;
  readonly status: Status;
  readonly message: string;
}
