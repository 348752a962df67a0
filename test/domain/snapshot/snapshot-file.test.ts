import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { GUARDRAILS_NOT_ASKED } from '../../../shared/domain/snapshot/guardrail.ts';
import { mapObserved, observe, observed, observedValue, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { parseSnapshot, parseStoredSnapshot, printSnapshot } from '../../../shared/domain/snapshot/snapshot-file.ts';
import { aCluster, aKataNode, aKataPool, aPodGroup, aRuntimeClass, aSnapshot, NOW, someSettings } from '../../support/a-snapshot.ts';

const unread = [{ of: 'count', field: 'count', problem: 'odd' }];
const pods = { name: 'a', node: 'n' };
const owner = { namespace: 'n', pod: 'p', ownerKind: 'k', ownerName: 'o', ownerGroup: 'g', node: 'n', nodePool: 'np' };
const proof = {
  ...owner,
  nodeImageVersion: 'i',
  runtimeClassName: 'r',
  method: 'exec',
  at: NOW,
  nodeBootId: 'b',
  nodeKernel: 'k',
} as const;
const taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
const sample = {
  kind: 'sample',
  sampledNodes: 1,
  totalNodes: 2,
  sampledPods: 3,
  totalPods: 4,
  upperBound: 0.5,
  confidence: 0.95,
  seed: 's',
} as const;

const targeted = {
  kind: 'targeted',
  namespaces: ['n'],
  nodes: 1,
  totalNodes: 2,
  pods: 3,
  totalPods: 4,
  unread: [{ code: 'denied', message: 'm' }],
} as const;

/** A snapshot with every field. */
const WHOLE: ClusterSnapshot = aSnapshot({
  cluster: aCluster({ tags: { a: 'b' }, unread }),
  settings: observed({
    ...someSettings({
      publicFqdn: true,
      upgradeChannel: 'stable',
      nodeProvisioning: 'Auto',
      fqdn: 'f',
      privateFqdn: 'p',
      resourceUid: 'u',
      unread,
    }),
    supportNotice: { state: 'ended', at: NOW, kubernetesVersion: '1.30.0' },
    plannedUpgrade: observed({
      state: 'planned',
      configuration: 'c',
      channel: 'c',
      from: NOW,
      until: NOW,
      last: { from: NOW, until: NOW },
    }),
  }),
  nodePools: observed([aKataPool({ vmSizes: ['a'], nodeTaints: ['t'], snapshotId: 's', inTransition: true, rollFailedAt: NOW, unread })], {
    kind: 'full',
    by: 'pages',
  }),
  latestImages: observed([
    { nodePool: 'a', image: observed('i') },
    { nodePool: 'b', image: unavailable('denied', 'no') },
  ]),
  nodes: observed([aKataNode({ taints: [taint] })], { kind: 'truncated', message: 'm' }),
  runtimeClasses: observed([aRuntimeClass({ tolerations: [{ ...taint, operator: 'Exists' }], createdAt: NOW })]),
  namespaces: observed([{ name: 'n', labels: { a: 'b' }, labelsCut: 1 }], targeted),
  workloads: observed(
    [
      aPodGroup({
        ownerGroup: 'g',
        labelsCut: 1,
        ...{ oldestWaitingSince: NOW, waitingReason: 'r', gated: 1, oldestCreatedAt: NOW, newestCreatedAt: NOW, olderThanClass: 1 },
        lastRunAt: NOW,
        lastEnded: { at: NOW, phase: 'failed' },
        features: { ...aPodGroup().features, privilegedDebug: 1, claims: 1, claimsUnseen: 1, hostPathClaims: 1 },
        selectorMissing: 1,
        tolerates: ['t'],
        examples: [pods],
        marked: { waiting: ['a'], privileged: ['b'] },
      }),
    ],
    sample,
  ),
  isolationProofs: observed([
    { ...proof, result: { state: 'read', bootId: 'b', kernel: 'k', kernelBuild: 'x' } },
    { ...proof, result: { state: 'unknown', reason: 'r' } },
  ]),
  guardrails: observed([
    {
      name: 'g',
      kind: 'mutating',
      digest: 'd',
      origin: { classes: [{ name: 'c', handler: 'h' }], rules: ['r'], daemonSets: true },
      bindings: [{ name: 'b', actions: ['Deny'], narrowed: false }],
    },
  ]),
  acceptedHandlers: ['h'],
  knownImages: {
    kernels: [{ nodeImageVersion: 'v', guestKernel: 'g', nodeKernel: 'n', kataVersion: 'k' }],
    newest: ['n'],
    vulnerabilities: [{ nodeImageVersion: 'v', ids: ['i'] }],
    vulnerabilityProblem: 'p',
  },
});

/** The same value with one leaf replaced, for every leaf. */
function* spoilt(value: unknown, path = ''): Generator<readonly [path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) return yield [path, typeof value === 'string' ? 7 : 'not this'];
  for (const [name, member] of Object.entries(value)) {
    for (const [below, changed] of spoilt(member, `${path}/${name}`)) {
      yield [below, Array.isArray(value) ? value.with(Number(name), changed) : { ...value, [name]: changed }];
    }
  }
}
const faultOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return undefined;
};

describe('a saved snapshot', () => {
  it('is read back unchanged, with every field', () => {
    expect(parseSnapshot(printSnapshot(WHOLE), 'file')).toEqual(WHOLE);
    expect(parseStoredSnapshot(printSnapshot(WHOLE), 'file')).toEqual(WHOLE);
    expect(printSnapshot(WHOLE)).toMatch(/^\{\n {2}"schemaVersion": 1,\n(.*\n)*\}\n$/);
  });

  it('is refused with the name of each invalid field', () => {
    const taken = [...spoilt(WHOLE)].filter(([, value]) => faultOf(() => parseSnapshot(JSON.stringify(value), 'file')) === undefined);
    expect(taken.map(([path]) => path)).toEqual([]);
    const odd = { ...WHOLE, nodes: observed([{ ...aKataNode(), ready: 'yes' }]) };
    expect(faultOf(() => parseSnapshot(JSON.stringify(odd), 'a.json'))).toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(/^Not a saved snapshot: a\.json\n {2}- nodes\.value\.0\.ready: /),
    });
  });

  it.each([
    ['is not JSON', '{', /^Not JSON: file$/],
    ['is a list', '[]', /- file: /],
    ['is nothing', 'null', /- file: /],
    [
      'is of another version',
      JSON.stringify({ ...WHOLE, schemaVersion: 2 }),
      /- schemaVersion: expected 1, got 2: this file was written by another/,
    ],
    ['lacks a part', JSON.stringify({ ...WHOLE, nodes: undefined }), /- nodes: /],
    ['has a part without a state', JSON.stringify({ ...WHOLE, nodes: {} }), /- nodes\.state: /],
    [
      'has an invalid error bound',
      JSON.stringify({ ...WHOLE, nodes: observed([], { ...sample, upperBound: 1.1 }) }),
      /- nodes\.coverage\.upperBound: /,
    ],
    ['has no cluster id', JSON.stringify({ ...WHOLE, cluster: { name: 'c' } }), /- cluster\.id: /],
    ['has no cluster name', JSON.stringify({ ...WHOLE, cluster: { id: 'c' } }), /- cluster\.name: /],
    ['has no time', JSON.stringify({ ...WHOLE, observedAt: '2026-09-01' }), /- observedAt: /],
    ['has no reason', JSON.stringify({ ...WHOLE, nodes: { state: 'unavailable' } }), /- nodes\.reason: /],
    [
      'has a reason without a code',
      JSON.stringify({ ...WHOLE, nodes: { state: 'unavailable', reason: { message: 'm' } } }),
      /- nodes\.reason\.code: /,
    ],
    [
      'has a reason without a message',
      JSON.stringify({ ...WHOLE, nodes: { state: 'unavailable', reason: { code: 'denied' } } }),
      /- nodes\.reason\.message: /,
    ],
    ['has a part without a coverage', JSON.stringify({ ...WHOLE, nodes: { state: 'observed', value: [] } }), /- nodes\.coverage/],
    [
      'has a part of an unknown coverage',
      JSON.stringify({ ...WHOLE, nodes: { state: 'observed', value: [], coverage: { kind: 'x' } } }),
      /- nodes\.coverage\.kind: /,
    ],
    [
      'does not say why it was cut',
      JSON.stringify({ ...WHOLE, nodes: { state: 'observed', value: [], coverage: { kind: 'truncated' } } }),
      /- nodes\.coverage\.message: /,
    ],
    [
      'has a sample without a bound',
      JSON.stringify({ ...WHOLE, nodes: { state: 'observed', value: [], coverage: { kind: 'sample' } } }),
      /- nodes\.coverage\.upperBound: /,
    ],
    [
      'does not say which namespaces were read',
      JSON.stringify({ ...WHOLE, workloads: observed([], { kind: 'targeted' } as never) }),
      /- workloads\.coverage\.namespaces: /,
    ],
    [
      'has an error bound below zero',
      JSON.stringify({ ...WHOLE, nodes: observed([], { ...sample, upperBound: -0.1 }) }),
      /- nodes\.coverage\.upperBound: /,
    ],
  ])('is refused when it %s, by the app itself too', (_, text, message) => {
    for (const parse of [parseSnapshot, parseStoredSnapshot]) expect(faultOf(() => parse(text, 'file'))?.message).toMatch(message);
  });

  it('lists a limited number of mistakes', () => {
    const told = (count: number) => {
      const nodes = observed(Array.from({ length: count }, () => ({ ...aKataNode(), ready: 'yes' })));
      return faultOf(() => parseSnapshot(JSON.stringify({ ...WHOLE, nodes }), 'f'))?.message.split('\n  - ').length;
    };
    expect([told(19), told(20), told(21)]).toEqual([20, 21, 21]);
  });

  it('of an older version has no guardrails', () => {
    const { guardrails: _, ...older } = WHOLE;
    for (const parse of [parseSnapshot, parseStoredSnapshot]) {
      expect(parse(JSON.stringify(older), 'file').guardrails).toEqual(GUARDRAILS_NOT_ASKED);
      expect(parse(JSON.stringify(WHOLE), 'file').guardrails).toEqual(WHOLE.guardrails);
    }
  });
});

describe('the observation of a part', () => {
  it('is the value, or why it could not be read; a bug is neither', async () => {
    expect(await observe(async () => 1)).toEqual({ state: 'observed', value: 1, coverage: { kind: 'full' } });
    expect(await observe(async () => 1, sample)).toMatchObject({ coverage: sample });
    expect(await observe(() => Promise.reject(new Fault('denied', 'No.')))).toEqual(unavailable('denied', 'No.'));
    await expect(observe(() => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
  });

  it('has a value only when it was observed, and is mapped only then', () => {
    const hidden = unavailable('denied', 'No.');
    expect([observedValue(observed(1)), observedValue(hidden), observedValue(undefined)]).toEqual([1, undefined, undefined]);
    expect(mapObserved(observed(1, sample), (value) => value + 1)).toEqual(observed(2, sample));
    expect(mapObserved<number>(hidden, (value) => value + 1)).toBe(hidden);
  });
});

it.each([
  ['throttled', true],
  ['unreachable', true],
  ['timed-out', true],
  ['conflict', true],
  ['denied', false],
  ['malformed', false],
  ['not-found', false],
  ['expired', false],
] as const)('a fault that is %s may go away by itself: %s', (code, expected) => {
  const cause = new Error('below');
  expect(new Fault(code, 'm', { cause })).toMatchObject({ name: 'Fault', code, retryable: expected, cause });
});
