import type { Service } from '../../ports/service-status.ts';

/** How something works. */
export type Status = 'healthy' | 'degraded' | 'unhealthy';

/** One thing that works, works in part, or does not, and why. */
export interface Check {
  readonly name: 'settings' | 'storage' | 'policy' | 'audits' | 'images' | 'scope' | 'schedule' | 'services' | Service;
  readonly status: Status;
  readonly message: string;
}
