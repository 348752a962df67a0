import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { parkMessage } from '../../shared/usecases/park-message.ts';
import { messageCounts } from '../chaos/final-state.ts';
import { type FaultyStorage, type StorageFault, startFaultyStorage } from '../support/faulty-storage.ts';
import { shareOf } from '../support/thorough.ts';
import { HURT, HURT_KEY, IMPATIENT, OTHER, StorageWorld, VERY_IMPATIENT } from './storage-world.ts';

type State = Awaited<ReturnType<StorageWorld['state']>>;

/** Each kind of call of a scan, its name in messages, and its requests, for only the first cluster where they name it. */
const CALLS: readonly (readonly [string, string, RegExp])[] = [
  ['reading the cluster', 'the table findings', new RegExp(`GET .*findings\\(PartitionKey='${HURT_KEY}',RowKey='!cluster'`)],
  ['reading its packed findings', 'the table findings', new RegExp(`GET .*findings\\(PartitionKey='${HURT_KEY}',RowKey='!findings'`)],
  ['the transaction', 'the table findings', new RegExp(`POST .*\\$batch.*findings\\(PartitionKey='${HURT_KEY}'`, 's')],
  ['reading the copy of its summary', 'the table clusters', new RegExp(`GET .*clusters\\(PartitionKey='clusters',RowKey='${HURT_KEY}'`)],
  ['the copy of its summary', 'the table clusters', new RegExp(`PUT .*clusters\\(PartitionKey='clusters',RowKey='${HURT_KEY}'`)],
  ['the copy of its changes', 'the table changes', /POST .*\$batch.*changes\(PartitionKey/s],
  ['its part of the audit', 'the table audits', new RegExp(`PUT .*audits\\(PartitionKey='audit-2',RowKey='c-${HURT_KEY}'`)],
  ['its assessment', 'an assessment', new RegExp(`PUT .*assessments/${HURT_KEY}`)],
  ['reading its notices', 'the table events', /GET .*events\(\).*/],
  ['the message that announces it', 'a message to notifications', /POST .*notifications\/messages/],
];

const FAULTS: readonly (readonly [string, StorageFault])[] = [
  ['503 ServerBusy', { kind: 'refused', status: 503, code: 'ServerBusy' }],
  ['500 after it was applied', { kind: 'done-but', status: 500, code: 'OperationTimedOut' }],
  ['412', { kind: 'refused', status: 412, code: 'UpdateConditionNotSatisfied' }],
  ['a connection cut before', { kind: 'cut', moment: 'before' }],
  ['a connection cut after it was applied', { kind: 'cut', moment: 'after' }],
  ['half an answer', { kind: 'cut', moment: 'in-the-answer' }],
  ['no answer', { kind: 'hang' }],
];

let azurite: Azurite;
let storage: FaultyStorage;
let worlds = 0;
let calm: readonly [State, State, State];

const aWorld = ({ kind }: Pick<StorageFault, 'kind'> = { kind: 'refused' }) =>
  StorageWorld.make(azurite.connectionString, storage.connectionString, `w${++worlds}x`, kind === 'hang' ? VERY_IMPATIENT : IMPATIENT);

beforeAll(async () => {
  azurite = await startAzurite();
  storage = await startFaultyStorage(azurite.connectionString);
  const world = await aWorld();
  const after = async (number: number) => {
    expect(await world.audit(number, world.direct)).toEqual({ failures: [], parked: 0 });
    return world.state();
  };
  calm = [await after(1), await after(2), await after(3)];
}, 60_000);
afterEach(() => storage.inject(undefined));
afterAll(async () => {
  await storage.stop();
  await azurite.stop();
});

const ONCE = CALLS.flatMap(([call, , request]) => FAULTS.map(([name, fault]) => ({ call, name, request, fault })));

describe('storage that fails once', () => {
  it.each(shareOf(ONCE, 5))('at $call with $name loses nothing, duplicates nothing, and parks nothing', async ({ request, fault }) => {
    const world = await aWorld(fault);
    await world.audit(1, world.direct);
    const hits = storage.inject({ request, times: 1, fault });
    const { parked } = await world.audit(2, world.faulty);

    expect(hits()).toBe(1);
    expect(parked).toBe(0);
    expect(await world.state()).toEqual(calm[1]);
  });
});

const PERMANENT: readonly { readonly how: string; readonly fault: StorageFault; readonly reason: string }[] = [
  { how: 'busy', fault: { kind: 'refused', status: 503, code: 'ServerBusy' }, reason: 'the storage account is busy.' },
  { how: 'silent', fault: { kind: 'hang' }, reason: 'the storage did not answer in time.' },
];
const PERMANENTLY = CALLS.flatMap(([call, named, request]) => PERMANENT.map((one) => ({ ...one, call, named, request })));

describe('storage that fails permanently', () => {
  it.each(shareOf(PERMANENTLY, 3))(
    'at $call, being $how, parks the message with the reason, does not affect the rest, and the next audit recovers',
    async ({ named, request, fault, reason }) => {
      const world = await aWorld(fault);
      await world.audit(1, world.direct);
      storage.inject({ request, fault });
      const { failures, parked } = await world.audit(2, world.faulty);
      storage.inject(undefined);

      const isShared = /changes|events|notifications/.test(request.source);
      expect(parked).toBe(isShared ? 2 : 1);
      for (const failure of failures) {
        expect(failure).toMatch(/^Fault: Cannot /);
        expect(failure).toContain(`${named}: ${reason}`);
      }
      const hurt = await world.state();
      // Each finding is as before, or as in the undisturbed audit, and never something else.
      const known = [...calm[0].findings, ...calm[1].findings];
      for (const finding of hurt.findings) expect(known).toContainEqual(finding);
      const ids = hurt.findings.map(({ id }) => id);
      for (const { id } of calm[0].findings) expect(ids).toContain(id);
      if (!isShared)
        expect(hurt.findings.filter(({ clusterId }) => clusterId === OTHER)).toEqual(
          calm[1].findings.filter(({ clusterId }) => clusterId === OTHER),
        );

      await world.audit(3, world.direct);
      const healed = await world.state();
      expect(openOf(healed)).toEqual(openOf(calm[2]));
      expect(healed.clusters.map(({ observedAt, openBySeverity }) => ({ observedAt, openBySeverity }))).toEqual(
        calm[2].clusters.map(({ observedAt, openBySeverity }) => ({ observedAt, openBySeverity })),
      );
      expect(healed.parked).toBe(parked);
      // Every write is recorded: the last history entry of each finding states its present state.
      for (const [at, finding] of healed.findings.entries()) {
        expect(healed.histories[at]?.[0]?.kind === 'resolved').toBe(finding.status === 'resolved');
      }
      const told = new Set(healed.changes);
      for (const line of healed.histories.flat()) expect(told).toContain(JSON.stringify(line));
    },
  );
});

const openOf = ({ findings }: State) => findings.filter(({ status }) => status === 'open').map(({ id, severity }) => ({ id, severity }));

describe('a transaction with a failing step', () => {
  it.each([
    ['503', { kind: 'failed-batch', status: 503, code: 'ServerBusy' }],
    ['500', { kind: 'failed-batch', status: 500, code: 'InternalError' }],
    ['412', { kind: 'failed-batch', status: 412, code: 'UpdateConditionNotSatisfied' }],
  ] as const)('with %s was not done at all, and is done by another try', async (_, fault) => {
    const world = await aWorld();
    await world.audit(1, world.direct);
    const hits = storage.inject({ request: /POST .*\$batch.*findings\(PartitionKey/s, times: 1, fault });
    expect(await world.audit(2, world.faulty)).toMatchObject({ parked: 0 });

    expect(hits()).toBe(1);
    expect(await world.state()).toEqual(calm[1]);
  });
});

describe('a write by a person', () => {
  const exemption = {
    id: 'e1',
    rule: 'workload-sandboxed',
    category: 'waiver',
    reason: 'moving',
    approvedBy: 'ciso',
    expiresOn: '2026-12-01T00:00:00.000Z',
  } as const;
  const write = { exemption, updatedAt: '2026-09-01T12:00:00.000Z' };

  it.each(['create', 'update'])(
    'is never applied twice, and never reported as refused when that is unknown: %s, 500 after it was applied',
    async (what) => {
      const { direct, faulty } = await aWorld();
      const before = what === 'create' ? undefined : await direct.exemptions.put(write, undefined);
      const version = before === undefined || before === 'conflict' ? undefined : before.version;
      storage.inject({ request: /(POST|PUT) .*exemptions/, times: 1, fault: { kind: 'done-but', status: 500, code: 'OperationTimedOut' } });
      const changed = { ...write, exemption: { ...exemption, reason: 'changed' } };

      // The second attempt conflicts with the first: the caller must read again, and finds the requested state.
      expect(await faulty.exemptions.put(changed, version)).toBe('conflict');
      expect((await direct.exemptions.get('e1'))?.exemption.reason).toBe('changed');
      expect(await direct.exemptions.list()).toHaveLength(1);
    },
  );

  it('is refused as a conflict when another write was first', async () => {
    const { direct, faulty } = await aWorld();
    const held = await direct.exemptions.put(write, undefined);
    storage.inject({ request: /PUT .*exemptions/, times: 1, fault: { kind: 'refused', status: 412, code: 'UpdateConditionNotSatisfied' } });

    expect(await faulty.exemptions.put(write, held === 'conflict' ? undefined : held.version)).toBe('conflict');
  });
});

describe('a message that cannot be parked', () => {
  it('does not count as parked, and is parked once when the storage is back', async () => {
    const { direct, faulty } = await aWorld();
    const message = { queue: 'scans', id: 'm1', body: '{}', dequeueCount: 5 };
    const clock = () => new Date('2026-09-01T12:00:00.000Z');
    storage.inject({ request: /parked/, fault: { kind: 'refused', status: 503, code: 'ServerBusy' } });
    await expect(parkMessage({ parked: faulty.parked, clock }, message, 'why')).rejects.toMatchObject({ code: 'throttled' });
    const hits = storage.inject({
      request: /(POST|PUT) .*parked/,
      times: 1,
      fault: { kind: 'done-but', status: 500, code: 'OperationTimedOut' },
    });
    await parkMessage({ parked: faulty.parked, clock }, message, 'why');
    expect(hits()).toBe(1);
    await parkMessage({ parked: faulty.parked, clock }, message, 'why');

    expect((await direct.parked.list(10)).value).toMatchObject([{ queue: 'scans', reason: 'why' }]);
  });
});

describe('a message to a queue', () => {
  it('that may have been sent is sent again and never lost', async () => {
    const { faulty, prefix } = await aWorld();
    const hits = storage.inject({
      request: /POST .*scans\/messages/,
      times: 1,
      fault: { kind: 'done-but', status: 500, code: 'OperationTimedOut' },
    });

    await faulty.messages.scan({ clusterId: HURT, cause: 'audit-1', requestedAt: '2026-09-01T12:00:00.000Z' });
    expect(hits()).toBe(1);
    expect((await messageCounts(azurite.connectionString))[`${prefix}scans`]).toBe(2);
  });

  it('that was not sent is a fault, and never ignored', async () => {
    const { faulty } = await aWorld({ kind: 'hang' });
    storage.inject({ request: /POST .*scans\/messages/, fault: { kind: 'hang' } });
    const sent = faulty.messages.scan({ clusterId: HURT, cause: 'audit-1', requestedAt: '2026-09-01T12:00:00.000Z' });

    await expect(sent).rejects.toBeInstanceOf(Fault);
    await expect(sent).rejects.toThrow('Cannot queue a message to scans');
  });
});

describe('a storage account that does not answer', () => {
  it('is one clear fault', async () => {
    const nowhere = azurite.connectionString.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
    const { findings } = createStorage({ connectionString: nowhere }, undefined, IMPATIENT);

    await expect(findings.clusters(1)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Cannot read the table clusters'),
    });
  });
});
