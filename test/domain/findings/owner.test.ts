import { describe, expect, it } from 'vitest';
import type { FindingChange } from '../../../shared/domain/findings/finding.ts';
import { ownersIn, withOwners } from '../../../shared/domain/findings/owner.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';
import { aFinding } from '../../http/estate.ts';
import { aCluster, aNamespace, aPodGroup, aSnapshot } from '../../support/a-snapshot.ts';

const POLICY = { labels: ['owner', 'team'], tags: ['Owner', 'cost-center'] };
const pool: Subject = { kind: 'node-pool', name: 'kata' };
const { namespace, ownerKind, ownerName } = aPodGroup();
const workload: Subject = { kind: 'workload', namespace, ownerKind, ownerName };

type Labels = Readonly<Record<string, string>>;

/** The owner of the workload, or of the pool, by the labels of its pods and its namespace and the tags of the cluster. */
function ownerOf(subject: Subject, groups: readonly Labels[], inNamespace: Labels, tags: Labels): string | undefined {
  const snapshot = aSnapshot({
    cluster: aCluster({ tags }),
    workloads: observed(groups.map((labels) => aPodGroup({ labels }))),
    namespaces: observed([aNamespace(namespace, inNamespace)]),
  });
  return ownersIn(snapshot, POLICY)(subject);
}

describe('the owner of a finding', () => {
  it.each<[string, Subject, readonly Labels[], Labels, Labels, string | undefined]>([
    ['is the first label of its workload', workload, [{ team: 'b', owner: 'a' }], { owner: 'ns' }, { owner: 'tag' }, 'a'],
    ['is the next label when the first is empty', workload, [{ owner: '', team: 'b' }], {}, {}, 'b'],
    ['is the label of its namespace', workload, [{ app: 'x' }], { team: 'ns' }, { owner: 'tag' }, 'ns'],
    ['is the tag of the cluster, whatever its case', workload, [{}], {}, { OWNER: 'tag' }, 'tag'],
    ['is the next tag', workload, [], {}, { owner: '', 'Cost-Center': '42' }, '42'],
    ['is undefined without labels and tags', workload, [{}], {}, {}, undefined],
    ['of a pool comes only from the tag', pool, [{ owner: 'a' }], { owner: 'ns' }, { owner: 'tag' }, 'tag'],
    ['is not taken from a property that every object has', workload, [{}], {}, { constructor: 'x' }, undefined],
    ['is the same when only some pods of a rollout have the label', workload, [{ owner: 'a' }, { version: '2' }], { owner: 'ns' }, {}, 'a'],
    ['is that of the first pods when they differ', workload, [{ owner: 'a' }, { owner: 'b' }], {}, {}, 'a'],
    ['is the same in the other order', workload, [{ version: '2' }, { owner: 'a' }], { owner: 'ns' }, {}, 'a'],
  ])('%s', (...[, subject, groups, inNamespace, tags, owner]) => {
    expect(ownerOf(subject, groups, inNamespace, tags)).toBe(owner);
  });

  it('is not taken from a workload of another namespace, name, kind or group', () => {
    const labels = { owner: 'other' };
    const others = [{ namespace: 'pay' }, { ownerName: 'web' }, { ownerKind: 'StatefulSet' }, { ownerGroup: 'apps.kruise.io' }];
    const workloads = observed([aPodGroup({ labels: {} }), ...others.map((other) => aPodGroup({ labels, ...other }))]);
    const namespaces = observed([aNamespace('pay', labels)]);
    const of = ownersIn(aSnapshot({ workloads, namespaces }), POLICY);
    expect([of(workload), of({ ...workload, ownerGroup: 'apps.kruise.io' })]).toEqual([undefined, 'other']);
  });

  it('is cut when it is too long for a list', () => {
    expect(ownerOf(pool, [], {}, { owner: 'x'.repeat(256) })).toHaveLength(200);
  });

  it('is the tag of the cluster when labels could not be read', () => {
    const dark = aSnapshot({
      cluster: aCluster({ tags: { owner: 'tag' } }),
      workloads: unavailable('denied', 'no'),
      namespaces: unavailable('denied', 'no'),
    });
    expect(ownersIn(dark, POLICY)(workload)).toBe('tag');
  });
});

describe('changes with owners', () => {
  const snapshot = aSnapshot({ cluster: aCluster({ tags: { owner: 'new' } }) });
  it('have no time of change when the stored finding has none, and no owner when none is named any more', () => {
    const { changedAt: _, ...old } = held;
    const changes = [{ kind: 'seen' as const, finding: { ...old, owner: 'old' } }];
    const [change] = withOwners(changes, [old], aSnapshot({ workloads: observed([]) }), { owners: POLICY });
    expect(change?.finding).toEqual(old);
  });
  const of = (kind: FindingChange['kind'], over: Parameters<typeof aFinding>[0]) =>
    withOwners([{ kind, finding: aFinding({ owner: 'old', observedAt: '2026-11-23T09:00:00.000Z', ...over }) }], [held], snapshot, {
      owners: POLICY,
    })[0]?.finding;
  const held = aFinding({ changedAt: '2026-11-20T00:00:00.000Z' });

  it.each([
    ['opened', '2026-11-23T09:00:00.000Z'],
    ['changed', '2026-11-23T09:00:00.000Z'],
    ['seen', '2026-11-20T00:00:00.000Z'],
  ] as const)('name the owner of an open finding that was %s, and when it last changed', (kind, changedAt) => {
    expect(of(kind, {})).toMatchObject({ owner: 'new', changedAt });
  });

  it('keep the owner of a resolved finding, because its labels may be deleted too', () => {
    expect(of('resolved', { status: 'resolved' })).toMatchObject({ owner: 'old', changedAt: '2026-11-23T09:00:00.000Z' });
  });
});
