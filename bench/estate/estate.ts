import { readFileSync } from 'node:fs';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import { plantedFaults } from '../../shared/local/estate/planted-faults.ts';
import { scaleEstate } from '../../shared/local/estate/scale-estate.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { freePort } from '../free-port.ts';
import type { BenchOptions, Report, Row } from '../report.ts';

const ARM_LATENCY_MS = 100;
const SIZES = [250, 1_000, 4_000];
const SHAPE = { poolsPerCluster: 5, podsPerCluster: 200 };
/** Kernel clock ticks per second on every usual Linux; `getconf CLK_TCK` prints them. */
const TICKS = 100;

/** Audits whole simulated estates end to end, with Azure's published call budgets enforced. */
export async function* measureEstate({ sizes = SIZES, progress }: BenchOptions): AsyncGenerator<Report> {
  const measured: {
    readonly clusters: number;
    readonly row: Row;
    readonly arm: number;
    readonly overruns: number;
    readonly lagging: number;
    readonly wallMs: number;
  }[] = [];
  for (const clusters of sizes) {
    measured.push(await auditOnce(clusters));
    progress(`${clusters} clusters: ${measured.at(-1)?.row.note}`);
  }
  const perCluster = measured.map(({ wallMs, clusters }) => wallMs / clusters);
  yield {
    title: `estates of ${SHAPE.poolsPerCluster} pools and ${SHAPE.podsPerCluster} pods a cluster, ${ARM_LATENCY_MS} ms to Azure, budgets enforced`,
    rows: measured.map(({ row }) => row),
    targets: [
      ...measured.map(({ clusters, arm, lagging, overruns }) => ({
        goal: `${clusters} clusters: at most 2 calls to Azure for each, a third for each whose image lags, one for 1,000, and no bucket overrun`,
        measured: `${(arm / clusters).toFixed(2)} calls a cluster, of which ${lagging} lag, ${overruns} overruns`,
        isReached: arm <= clusters * 2 + lagging + Math.ceil(clusters / 1_000) + ONCE_PER_VARIANT && overruns === 0,
      })),
      {
        goal: 'linear in clusters',
        measured: `${perCluster.map((ms) => ms.toFixed(0)).join(', ')} ms of wall a cluster`,
        isReached: Math.max(...perCluster) <= 1.5 * Math.min(...perCluster),
      },
    ],
  };
}

/** Upgrade profiles are asked once for each image variant, region and Kubernetes minor: 5 regions and 3 variants here. */
const ONCE_PER_VARIANT = 15;

async function auditOnce(clusters: number) {
  const estate = scaleEstate({ clusters, ...SHAPE }, 'bench', new Date());
  const simulation = { armLatencyMs: ARM_LATENCY_MS, enforceBudgets: true, pageSize: 1_000 };
  const local = await startLocal({ port: await freePort(), auth: false, now: new Date(), estate, simulation });
  try {
    const [cpu, stored] = [cpuMs(local), local.storageRequests()];
    const begun = performance.now();
    const report = await followAudit(local, () => undefined);
    const wallMs = performance.now() - begun;
    const { notAssessed } = auditOutcome(report, new Date());
    if (notAssessed.length > 0) throw new Error(`${notAssessed.length} clusters were not assessed: ${JSON.stringify(notAssessed[0])}`);
    const arm = callsToAzure(local);
    const total = [...arm.values()].reduce((sum, count) => sum + count, 0);
    const transactions = (local.storageRequests() - stored) / clusters;
    const kinds = [...arm].map(([kind, count]) => `${count} ${kind}`).join(', ');
    const note = `${kinds}; ${transactions.toFixed(1)} storage requests a cluster; ${local.estate.budgetOverruns} overruns`;
    const run = { wallMs, cpuMs: cpuMs(local) - cpu, peakRssMiB: peakRssMiB(local), mebibytes: 0 };
    return {
      clusters,
      row: { name: `${clusters} clusters`, runs: [run], note },
      arm: total,
      overruns: local.estate.budgetOverruns,
      lagging: plantedFaults(estate).filter(({ ruleId }) => ruleId === 'node-image-current').length,
      wallMs,
    };
  } finally {
    await local.stop();
  }
}

function callsToAzure({ estate }: LocalRun): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const request of estate.requests) {
    if (request.server !== 'arm') continue;
    const kind = kindOf(request.path);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function kindOf(path: string): string {
  if (/upgradeProfiles/i.test(path)) return 'upgrade profiles';
  if (/maintenanceConfigurations/i.test(path)) return 'maintenance windows';
  if (/listClusterUserCredential/i.test(path)) return 'credentials';
  if (/ResourceGraph/i.test(path)) return 'estate queries';
  return /managedClusters\/[^/?]+/i.test(path) ? 'cluster reads' : 'lists';
}

/** CPU time of the functions host, from `/proc`: user and system. */
function cpuMs({ hostPid }: LocalRun): number {
  const fields = readFileSync(`/proc/${hostPid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1000;
}

function peakRssMiB({ hostPid }: LocalRun): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${hostPid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
