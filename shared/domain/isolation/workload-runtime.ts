/** Whether a pool's workload runtime starts pod VMs: `KataVmIsolation`, the legacy `KataMshvVmIsolation`, `KataCcIsolation`. */
export function isKataRuntime(workloadRuntime = ''): boolean {
  return workloadRuntime.toLowerCase().startsWith('kata');
}
