import { z } from 'zod';
import { type Observation, observed, unavailable } from '../../domain/snapshot/observation.ts';
import type { NodePool } from '../../domain/snapshot/snapshot.ts';
import { describeUnread } from '../../domain/snapshot/unread.ts';
import { FieldReader, withoutAbsent } from './field-reader.ts';

/*
 * A node pool as Azure Resource Manager returns it within a cluster. In the models of
 * `@azure/arm-containerservice` (ManagedClusterAgentPoolProfile) only the name is required.
 */
const List = z.array(z.unknown(), 'expected a list');
const OneOrMany = z.union([List, z.record(z.string(), z.unknown()).transform((one) => [one])], 'expected an object or a list');
/** Kata runtimes, including names that may be added later, run pod VMs; the meaning of any other unknown name is unknown. */
const RUNTIMES = /^(OCIContainer|WasmWasi|Kata.*)$/i;
const POWER = /^(Running|Stopped)$/i;

/**
 * Returns the node pools of a cluster. No list means no pools: a cluster with hosted system pools has none of its own. A pool without a
 * valid name cannot be distinguished from others, and is reported as missing.
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
    // Azure's default for a pool that was created without a mode.
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
 * Returns the number and size of a pool's machines. A pool of single machines (type VirtualMachines) has no fields for these: its status
 * counts its machines, and its profile contains the requested ones. A pool with autoscaling and no machine has the count zero.
 */
function sizeOf(fields: FieldReader): { count?: number | undefined; vmSize?: string | undefined; vmSizes?: readonly string[] | undefined } {
  const own = { count: fields.count('count'), vmSize: fields.text('vmSize') };
  if (own.count !== undefined && own.vmSize !== undefined) return own;
  const status = machinesOf(fields, 'virtualMachineNodesStatus');
  const manual = machinesOf(fields, 'virtualMachinesProfile.scale.manual');
  const autoscale = machinesOf(fields, 'virtualMachinesProfile.scale.autoscale');
  const groups = [status, manual, autoscale].flatMap((group) => group ?? []);
  const sizes = [...new Set(groups.flatMap(({ size }) => size ?? []))];
  const [size, ...others] = sizes;
  const count = own.count ?? (fields.isUnread('count') ? undefined : countOf(status, manual, autoscale));
  const vmSize = own.vmSize ?? (others.length === 0 ? size : undefined);
  return { count, vmSize, vmSizes: vmSize === undefined && size !== undefined ? sizes : undefined };
}

type Group = readonly Machines[] | undefined;

function countOf(status: Group, manual: Group, autoscale: Group): number | undefined {
  if (status !== undefined && status.length > 0) return sumOf(status);
  if (manual !== undefined) return sumOf(manual);
  return status === undefined && autoscale === undefined ? undefined : 0;
}

/** Returns the machines in a field; `undefined` if the field is absent. */
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
