import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { receiveEvent } from '../../shared/usecases/receive-event.ts';

const OURS = 'abcdefab-1111-4111-8111-111111111111';
const THEIRS = '22222222-2222-4222-8222-222222222222';
const AT = '2026-11-20T12:00:00Z';
const idOf = (subscription: string, name = 'prod') =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;
const eventOf = (topic: string, over: object = {}) => ({
  topic,
  subject: 'prod',
  eventType: 'Microsoft.ContainerService.NodePoolRollingStarted',
  id: 'e1',
  data: { nodePoolName: 'kata' },
  dataVersion: '1',
  eventTime: AT,
  ...over,
});

interface Over {
  readonly subscriptions?: readonly string[];
  readonly managementGroups?: readonly string[];
  readonly policy?: Partial<Policy['scope']>;
  /** The clusters that the newest audit found. */
  readonly found?: readonly string[];
}

async function world({ subscriptions = [OURS], managementGroups = [], policy = {}, found }: Over = {}) {
  const storage = createMemoryStorage();
  if (found !== undefined) await storage.audits.start({ id: 'a1', startedAt: AT, cause: 'timer', subscriptions: found });
  const inForce = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, ...policy } };
  const deps = {
    ...storage,
    scope: { subscriptions, managementGroups },
    policy: async () => ({ policy: inForce, hash: 'h', source: 'built-in' }),
    clock: () => new Date(AT),
    settleSeconds: 15,
  };
  return { storage, receive: (event: unknown) => receiveEvent(deps, event) };
}

describe('an event', () => {
  it.each<[string, Over, number]>([
    ['of a subscription that the settings name', {}, 1],
    ['of one that they name in another case', { subscriptions: [OURS.toUpperCase()] }, 1],
    ['of one that the policy names', { subscriptions: [], policy: { subscriptions: [OURS] } }, 1],
    ['of one that the last audit found in a management group', { subscriptions: [], managementGroups: ['mg'], found: [OURS] }, 1],
    [
      'of one that the last audit found in a group of the policy',
      { subscriptions: [], policy: { managementGroups: ['mg'] }, found: [OURS] },
      1,
    ],
    [
      'of one that the last audit found in groups of both',
      { subscriptions: [], managementGroups: ['mg'], policy: { managementGroups: ['mg'] }, found: [OURS] },
      1,
    ],
    ['of one that it did not find there', { subscriptions: [], managementGroups: ['mg'], found: [THEIRS] }, 0],
    ['before the first audit of a management group', { subscriptions: [], managementGroups: ['mg'] }, 0],
    ['of a subscription that is not audited', { subscriptions: [THEIRS] }, 0],
    ['that an earlier audit found, without a management group now', { subscriptions: [THEIRS], found: [OURS] }, 0],
  ])('%s causes a scan only when it is in scope', async (_case, over, scans) => {
    const { storage, receive } = await world(over);
    await receive(eventOf(idOf(OURS)));
    expect(storage.queued).toHaveLength(scans);
    expect(await storage.events.notices(idOf(OURS).toLowerCase())).toHaveLength(scans);
  });

  it('about clusters that do not exist leaves nothing, however many arrive', async () => {
    const { storage, receive } = await world();
    for (let at = 0; at < 1_000; at++) {
      const event = eventOf(idOf(THEIRS, `made-up-${at}`), { id: `e${at}` });
      expect(await receive(event)).toBe(`Event ignored: the subscription ${THEIRS} is not audited`);
      expect(await storage.events.notices(idOf(THEIRS, `made-up-${at}`))).toEqual([]);
    }
    expect(storage.queued).toEqual([]);
    expect((await storage.parked.list(10)).value).toEqual([]);
    expect(await storage.events.prune('2100-01-01T00:00:00Z', 10_000)).toBe(0);
  });

  it('that cannot be read is kept once for each kind of mistake, without its content', async () => {
    const { storage, receive } = await world();
    for (let at = 0; at < 100; at++) await receive(eventOf(`${idOf(OURS)}\n${at} someone@example.com`));
    const { value } = await storage.parked.list(10);
    expect(value).toHaveLength(1);
    expect(JSON.stringify(value)).not.toContain('someone');
    expect(value[0]?.body).toBe('(not kept)');
  });

  it.each([
    ['a line feed', 'e1\nerror: all is well'],
    ['an override', 'e1\u202e'],
    ['a name of a person', 'someone@example.com'],
  ])('with %s in its id is logged and recorded only by a digest of it', async (_case, id) => {
    const { storage, receive } = await world();
    const line = await receive(eventOf(idOf(OURS), { id }));
    expect(line).toMatch(/^Event [0-9a-f]{32} \(rolling-started\) on \/subscriptions\/[\w/.-]+: queued$/);
    expect(JSON.parse(storage.queued[0]?.body ?? '')).toMatchObject({ cause: expect.stringMatching(/^event:[0-9a-f]{32}$/) });
  });

  it.each(['..', 'a\nb', 'a?y=1#z', 'a b', `${'x'.repeat(64)}`, '-a', 'a%2fb', 'a\u202eb'])(
    'of a cluster named %j is ignored',
    async (name) => {
      const { storage, receive } = await world();
      await receive(eventOf(idOf(OURS, name)));
      await receive({
        ...eventOf(`/subscriptions/${OURS}`),
        eventType: 'Microsoft.Resources.ResourceWriteSuccess',
        data: { resourceUri: idOf(OURS, name) },
      });
      expect(storage.queued).toEqual([]);
    },
  );

  it('after the planned start of the scan gets its own scan', async () => {
    const storage = createMemoryStorage();
    let now = Date.parse(AT);
    const policy = async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'built-in' });
    const deps = {
      ...storage,
      scope: { subscriptions: [OURS], managementGroups: [] },
      policy,
      clock: () => new Date(now),
      settleSeconds: 15,
    };
    await receiveEvent(deps, eventOf(idOf(OURS), { id: 'first' }));
    now += 14_999;
    await receiveEvent(deps, eventOf(idOf(OURS), { id: 'second' }));
    expect(storage.queued).toHaveLength(1);
    now += 1;
    await receiveEvent(deps, eventOf(idOf(OURS), { id: 'third' }));
    expect(storage.queued).toHaveLength(2);
  });
});
