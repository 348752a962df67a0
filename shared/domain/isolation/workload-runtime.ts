/** Whether a pool's workload runtime starts pod VMs: `KataVmIsolation`, the legacy `KataMshvVmIsolation`, `KataCcIsolation`. */
export function isKataRuntime(workloadRuntime: string | undefined): boolean {
  return workloadRuntime !== undefined && /^kata/i.test(workloadRuntime);
}
