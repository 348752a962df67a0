import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { formatClusterId } from '../../shared/domain/snapshot/resource-id.ts';
import type { Cluster } from '../../shared/domain/snapshot/snapshot.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import type { EstateListing } from '../../shared/ports/azure-estate.ts';
import { auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { planAudit } from '../../shared/usecases/plan-audit.ts';

const S1 = '11111111-1111-4111-8111-111111111111';
const S2 = '22222222-2222-4222-8222-222222222222';
const aCluster = (subscriptionId: string, name: string): Cluster => ({
  id: formatClusterId({ subscriptionId, resourceGroup: 'rg', name }),
  name,
  subscriptionId,
  resourceGroup: 'rg',
  location: 'x',
  tags: {},
});

function aWorld(listing: Partial<EstateListing> | Fault, scope: readonly string[] = [S1, S2], policy: Partial<Policy> = {}) {
  const storage = createMemoryStorage();
  const asked: (readonly string[])[] = [];
  const deps = {
    azure: {
      listSubscriptions: async () => [S2.toUpperCase()],
      listEstate: async (ids: readonly string[]) => {
        asked.push(ids);
        if (listing instanceof Fault) throw listing;
        return { clusters: [], notListed: [], detours: [], ...listing };
      },
    },
    audits: storage.audits,
    messages: storage.messages,
    scope: { subscriptions: scope, managementGroups: [] as readonly string[] },
    policy: async () => ({ policy: { ...DEFAULT_POLICY, ...policy }, hash: '', source: 'test' }),
    clock: () => new Date('2026-11-20T10:00:00Z'),
    newId: () => 'a1',
  };
  const sent = () => storage.queued.map(({ body }) => JSON.parse(body));
  return { deps, storage, asked, sent };
}
const signal = () => new AbortController().signal;

describe('planning an audit', () => {
  it('queries the whole estate once and gives each subscription its clusters in scope', async () => {
    const clusters = [aCluster(S1, 'a'), aCluster(S2, 'b'), aCluster(S2, 'test-c')];
    const { deps, asked, sent } = aWorld({ clusters }, [S1, S2], { scope: { ...DEFAULT_POLICY.scope, exclude: ['test-*'] } });
    await planAudit(deps, 'timer', signal());

    expect(asked).toEqual([[S1, S2]]);
    expect(sent()).toEqual([
      { auditId: 'a1', subscriptionId: S1, clusterIds: [aCluster(S1, 'a').id] },
      { auditId: 'a1', subscriptionId: S2, clusterIds: [aCluster(S2, 'b').id] },
    ]);
  });

  it('includes a subscription once when the settings and the policy name it in different case', async () => {
    const subscriptions = ['ABCDEFAB-1111-4111-8111-111111111111'];
    const { deps, sent } = aWorld({}, [subscriptions[0]?.toLowerCase() ?? ''], { scope: { ...DEFAULT_POLICY.scope, subscriptions } });
    await planAudit(deps, 'timer', signal());
    expect(sent()).toMatchObject([{ subscriptionId: 'abcdefab-1111-4111-8111-111111111111' }]);
  });

  it('lets a subscription be listed separately when the query returns nothing about it', async () => {
    const notListed = [{ subscriptionId: S2.toUpperCase(), reason: { code: 'denied', message: '403' } } as const];
    const { deps, sent } = aWorld({ clusters: [aCluster(S1, 'a')], notListed });
    await planAudit(deps, 'timer', signal());

    expect(sent()[1]).toEqual({ auditId: 'a1', subscriptionId: S2 });
  });

  it('takes subscriptions that Azure writes in any letters for the same, and goes through them in order', async () => {
    const [first, last] = ['abcdefab-1111-4111-8111-111111111111', 'bbcdefab-1111-4111-8111-111111111111'];
    const clusters = [{ ...aCluster(first, 'a'), subscriptionId: first.toUpperCase() }];
    const notListed = [{ subscriptionId: last.toUpperCase(), reason: { code: 'denied', message: '403' } } as const];
    const { deps, sent } = aWorld({ clusters, notListed }, [last], { scope: { ...DEFAULT_POLICY.scope, managementGroups: ['g'] } });
    await planAudit({ ...deps, azure: { ...deps.azure, listSubscriptions: async () => [first.toUpperCase()] } }, 'timer', signal());
    expect(sent()).toEqual([
      { auditId: 'a1', subscriptionId: first, clusterIds: [aCluster(first, 'a').id] },
      { auditId: 'a1', subscriptionId: last },
    ]);
  });

  it('never hides a bug of the query', async () => {
    const { deps } = aWorld({});
    const broken = { ...deps, azure: { ...deps.azure, listEstate: () => Promise.reject(new TypeError('a bug')) } };
    await expect(planAudit(broken, 'timer', signal())).rejects.toThrow('a bug');
  });

  it.each([
    ['as many ids as it may', 40_000, true],
    ['one letter more', 40_001, false],
  ])('gives a message %s', async (_, bytes, fits) => {
    const one = aCluster(S1, 'c');
    const id = one.id + 'x'.repeat(bytes - JSON.stringify([one.id]).length);
    const { deps, sent } = aWorld({ clusters: [{ ...one, id }] });
    await planAudit(deps, 'timer', signal());
    expect('clusterIds' in sent()[0]).toBe(fits);
  });

  it('lets every subscription be listed separately when the query fails, or when there is only one', async () => {
    for (const world of [aWorld(new Fault('throttled', '429')), aWorld({}, [S1])]) {
      await planAudit(world.deps, 'timer', signal());
      expect(world.sent().every((message) => !('clusterIds' in message))).toBe(true);
      expect(world.sent()).toHaveLength(world.deps.scope.subscriptions.length);
    }
  });

  it('lets a subscription be listed separately when its clusters would not fit into a message', async () => {
    const clusters = Array.from({ length: 600 }, (_, at) => aCluster(S1, `cluster-with-a-long-name-${at}`));
    const { deps, sent } = aWorld({ clusters });
    await planAudit(deps, 'timer', signal());

    expect(sent()).toEqual([
      { auditId: 'a1', subscriptionId: S1 },
      { auditId: 'a1', subscriptionId: S2, clusterIds: [] },
    ]);
  });

  it('includes subscriptions of settings, policy and management groups, each once, and records who started the audit', async () => {
    const { deps, storage } = aWorld({}, [S1.toUpperCase()], {
      scope: { ...DEFAULT_POLICY.scope, subscriptions: [S1], managementGroups: ['root'] },
    });
    await planAudit(deps, 'request', signal(), 'an-object-id');

    expect((await storage.audits.get('a1'))?.audit).toEqual({
      id: 'a1',
      startedAt: '2026-11-20T10:00:00.000Z',
      cause: 'request',
      requestedBy: 'an-object-id',
      subscriptions: [S1, S2],
    });
  });

  const GROUPS = { ...DEFAULT_POLICY.scope, managementGroups: ['good', 'bad/#'] };
  const halfDenied = (azure: ReturnType<typeof aWorld>['deps']['azure']) => ({
    ...azure,
    listSubscriptions: async (group: string) => {
      if (group === 'good') return [S2];
      throw new Fault('denied', '403 on the group');
    },
  });

  it('audits the other subscriptions when a management group cannot be listed, and records it', async () => {
    const { deps, storage, sent } = aWorld({}, [S1], { scope: GROUPS });
    await planAudit({ ...deps, azure: halfDenied(deps.azure) }, 'timer', signal());

    expect(sent().map(({ subscriptionId }) => subscriptionId)).toEqual([S1, S2]);
    const report = (await storage.audits.get('a1')) ?? expect.unreachable();
    expect(auditOutcome(report, new Date(report.audit.startedAt))).toMatchObject({
      state: 'running',
      notListed: [{ subscriptionId: 'management-group:bad__', reason: { code: 'denied', message: '403 on the group' } }],
    });
  });

  it('fails, and starts no audit, when there are no others', async () => {
    const { deps, storage } = aWorld({}, [], { scope: { ...GROUPS, managementGroups: ['bad'] } });

    await expect(planAudit({ ...deps, azure: halfDenied(deps.azure) }, 'timer', signal())).rejects.toMatchObject({ code: 'denied' });
    expect((await storage.audits.list(1)).value).toEqual([]);
  });

  it.each([
    ['a few words', 'policy.yaml: line 3: rules: no such rule', 'policy.yaml: line 3: rules: no such rule'],
    ['4,000 characters', 'x'.repeat(4_000), 'x'.repeat(4_000)],
    ['more than that', 'x'.repeat(4_001), `${'x'.repeat(4_000)}…`],
  ])('records that it used the last good policy, in %s', async (_, problem, policyProblem) => {
    const { deps, storage } = aWorld({});
    const policy = async () => ({ ...(await deps.policy()), problem });
    await planAudit({ ...deps, policy }, 'timer', signal());

    expect((await storage.audits.get('a1'))?.audit).toMatchObject({ policyProblem });
    expect((await storage.audits.list(1)).value).toMatchObject([{ policyProblem }]);
  });
});
