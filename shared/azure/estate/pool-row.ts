import { z } from 'zod';
import { type Observation, observed, unavailable } from '../../domain/snapshot/observation.ts';
import type { NodePool } from '../../domain/snapshot/snapshot.ts';
import { describeUnread } from '../../domain/snapshot/unread.ts';
import { FieldReader, withoutAbsent } from './field-reader.ts';

/*
 * A node pool as Azure Resource Manager writes it inside a cluster. By the models of
 * `@azure/arm-containerservice` (ManagedClusterAgentPoolProfile) only the name must be there.
 */
const List = z.array(z.unknown(), 'expected a list');
const OneOrMany = z.union([List, z.record(z.string(), z.unknown()).transform((one) => [one])], 'expected an object or a list');
/** `KataMshvVmIsolation` and what Kata may be called one day run pod VMs; a name that is neither Kata's nor one of these tells nothing. */
const RUNTIMES = /^(OCIContainer|WasmWasi|Kata.*)$/i;
const POWER = /^(Running|Stopped)$/i;

/**
 * The pools that a cluster's answer lists. No list means no pools: a cluster with hosted system pools
 * has none of its own. A pool without a readable name cannot be told from others, and is said to be missing.
 */
export function poolsOf(properties: unknown): Observation<readonly NodePool[]> {
  const fields = new FieldReader(properties, 'properties');
  const rows = fields.read('nodePools', 'agentPoolProfiles', List) ?? [];
  const [problem] = fields.unread;
  if (problem !== undefined) return unavailable('malformed', describeUnread(problem));
  const pools = new Map<string, NodePool>();
  const missing: string[] = [];
  for (const [at, row] of rows.entries()) {
    const own = new FieldReader(row, `agentPoolProfiles.${at}`);
    const name = own.text('name');
    if (name === undefined)
      missing.push(own.unread[0] === undefined ? `agentPoolProfiles.${at} has no name` : describeUnread(own.unread[0]));
    else if (pools.has(name.toLowerCase())) missing.push(`two node pools have the name ${name}`);
    else pools.set(name.toLowerCase(), toNodePool(name, row));
  }
  const value = [...pools.values()];
  if (missing[0] === undefined) return observed(value);
  return observed(value, { kind: 'truncated', message: `${missing.length} of ${rows.length} node pools cannot be read: ${missing[0]}` });
}

function toNodePool(name: string, row: unknown): NodePool {
  const fields = new FieldReader(row, `agentPoolProfiles.${name}`);
  const pool = {
    name,
    // What Azure takes when a pool was created without saying it.
    mode: fields.text('mode') ?? (fields.isUnread('mode') ? undefined : 'User'),
    osType: fields.text('osType') ?? (fields.isUnread('osType') ? undefined : 'Linux'),
    ...sizeOf(fields),
    osSku: fields.text('osSku', 'osSKU'),
    workloadRuntime: fields.oneOf('workloadRuntime', 'workloadRuntime', RUNTIMES),
    nodeImageVersion: fields.text('nodeImageVersion'),
    kubernetesVersion:
      fields.text('kubernetesVersion', 'currentOrchestratorVersion') ?? fields.text('kubernetesVersion', 'orchestratorVersion'),
    provisioningState: fields.text('provisioningState'),
    powerState: fields.oneOf('powerState', 'powerState.code', POWER),
    enableFips: fields.flag('enableFips', 'enableFIPS'),
    secureBoot: fields.flag('secureBoot', 'securityProfile.enableSecureBoot'),
    vtpm: fields.flag('vtpm', 'securityProfile.enableVTPM'),
    nodeTaints: fields.read('nodeTaints', 'nodeTaints', z.array(z.string(), 'expected a list of texts')),
    snapshotId: fields.text('snapshotId', 'creationData.sourceResourceId'),
  };
  return { ...withoutAbsent(pool), ...(fields.unread.length === 0 ? {} : { unread: fields.unread }) };
}

interface Machines {
  readonly size: string | undefined;
  readonly count: number | undefined;
}

/**
 * How many machines a pool has, and of which size. A pool of single machines (type VirtualMachines) has
 * neither field of its own: its status counts its machines, its profile says what was asked for. One
 * that scales by itself and has no machine yet is at zero.
 */
function sizeOf(fields: FieldReader): { count?: number | undefined; vmSize?: string | undefined; vmSizes?: readonly string[] | undefined } {
  const own = { count: fields.count('count'), vmSize: fields.text('vmSize') };
  if (own.count !== undefined && own.vmSize !== undefined) return own;
  const status = machinesOf(fields, 'virtualMachineNodesStatus');
  const manual = machinesOf(fields, 'virtualMachinesProfile.scale.manual');
  const autoscale = machinesOf(fields, 'virtualMachinesProfile.scale.autoscale');
  const groups = [status, manual, autoscale].flatMap((group) => group ?? []);
  const sizes = [...new Set(groups.flatMap(({ size }) => size ?? []))];
  const count = own.count ?? (fields.isUnread('count') ? undefined : countOf(status, manual, autoscale));
  const vmSize = own.vmSize ?? (sizes.length === 1 ? sizes[0] : undefined);
  return { count, vmSize, vmSizes: vmSize === undefined && sizes.length > 1 ? sizes : undefined };
}

type Group = readonly Machines[] | undefined;

function countOf(status: Group, manual: Group, autoscale: Group): number | undefined {
  if (status !== undefined && status.length > 0) return sumOf(status);
  if (manual !== undefined) return sumOf(manual);
  return status === undefined && autoscale === undefined ? undefined : 0;
}

/** The machines that a field lists; `undefined` when it is not there. */
function machinesOf(fields: FieldReader, path: string): readonly Machines[] | undefined {
  const list = fields.read('count', path, OneOrMany);
  return list?.map((one, at) => {
    const machines = new FieldReader(one, `${path}.${at}`);
    const read = { size: machines.text('vmSize', 'size'), count: machines.count('count') };
    for (const { of, field, problem } of machines.unread) fields.note(of, field, problem);
    return read;
  });
}

function sumOf(machines: readonly Machines[]): number | undefined {
  return machines.reduce<number | undefined>((sum, { count }) => (sum === undefined || count === undefined ? undefined : sum + count), 0);
}
