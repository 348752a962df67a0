import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '../../../shared/domain/snapshot/fault.ts';
import { type CanaryWait, runCanary, sweepCanaries } from '../../../shared/kubernetes/probe/canary-probe.ts';
import { REAL_WAIT } from '../../../shared/kubernetes/probe/open-probe.ts';
import type { ProbeApi, ProbedPod } from '../../../shared/kubernetes/probe/probe-api.ts';

const CANARY = {
  namespace: 'lab',
  image: 'registry.example/busybox',
  node: 'kata-0',
  runtimeClassName: 'kata',
  resources: { cpu: '50m', memory: '32Mi' },
};
const running = new AbortController().signal;
const NAME = 'kataudit-canary-1';
const pod = (phase: string, waiting?: string): ProbedPod => ({
  phase,
  node: 'kata-0',
  containers: ['canary'],
  ...(waiting === undefined ? {} : { waiting }),
});

interface Story {
  /** What reading the pod finds, one after the other, the last one again and again. */
  readonly found?: readonly (ProbedPod | undefined | Error | 'no answer')[];
  readonly creation?: Error;
  readonly log?: Error;
  readonly deletion?: Error;
  readonly pause?: CanaryWait['pause'];
  readonly limitMs?: number;
  readonly canary?: Partial<typeof CANARY>;
}

/** Runs one canary against an API server that a test plays. */
async function run({ found = [pod('Succeeded')], creation, log, deletion, pause, limitMs = 5_000, canary }: Story, signal = running) {
  const calls: string[] = [];
  const pods: V1Pod[] = [];
  const step = async (call: string, fails: Error | undefined) => {
    calls.push(call);
    await new Promise(setImmediate);
    if (fails !== undefined) throw fails;
  };
  let reads = 0;
  const api: ProbeApi = {
    createPod: async (namespace, made) => {
      pods.push(made);
      await step(`create in ${namespace}`, creation);
    },
    readPod: async (namespace, name, limit) => {
      const next = found[Math.min(reads++, found.length - 1)];
      if (next === 'no answer') {
        await until(limit);
        throw new Fault('timed-out', 'No answer in time.');
      }
      await step(`read ${namespace}/${name}`, next instanceof Error ? next : undefined);
      return next instanceof Error ? undefined : next;
    },
    readLog: async (namespace, name) => {
      await step(`log ${namespace}/${name}`, log);
      return 'printed';
    },
    deletePod: async (namespace, name, deletionSignal) => {
      await step(`delete ${namespace}/${name}${deletionSignal.aborted ? ', too late' : ''}`, deletion);
      calls.push('deleted');
    },
    listPods: async () => [],
  };
  const wait: CanaryWait = {
    limitMs,
    now: () => new Date(0),
    newId: () => '1',
    pause: pause ?? (async (milliseconds) => void calls.push(`wait ${milliseconds}`)),
  };
  const told = await runCanary(api, { ...CANARY, ...canary }, wait, signal).catch((error: unknown) =>
    error instanceof Fault ? error.code : error,
  );
  return { told, calls, made: pods[0], isDeleted: calls.at(-1) === 'deleted' };
}

const unknown = { state: 'unknown' };

describe('a canary', () => {
  it('is created, waited for, read and deleted, in this order', async () => {
    const { told, calls } = await run({ found: [pod('Pending'), pod('Running'), pod('Succeeded')] });
    expect(told).toEqual({ state: 'read', output: 'printed' });
    const read = `read lab/${NAME}`;
    expect(calls).toEqual([
      'create in lab',
      read,
      'wait 1000',
      read,
      'wait 1000',
      read,
      `log lab/${NAME}`,
      `delete lab/${NAME}`,
      'deleted',
    ]);
  });

  it.each<[string, ProbedPod | undefined, number]>([
    ['disappears', undefined, 0],
    ['fails', pod('Failed'), 0],
    ['cannot pull its image', pod('Pending', 'ErrImagePull'), 0],
    ['cannot pull its image any more', pod('Pending', 'ImagePullBackOff'), 0],
    ['has an image of no valid name', pod('Pending', 'InvalidImageName'), 0],
  ])('that %s is given up at once, is not read, and is deleted', async (_, found, waits) => {
    const { told, calls, isDeleted } = await run({ found: [found, pod('Succeeded')] });
    expect(told).toMatchObject(unknown);
    expect(calls.filter((call) => call.startsWith('wait'))).toHaveLength(waits);
    expect([calls.some((call) => call.startsWith('log')), isDeleted]).toEqual([false, true]);
  });

  it('is waited for while its sandbox is being made', async () => {
    expect((await run({ found: [pod('Pending', 'ContainerCreating'), pod('Succeeded')] })).told).toMatchObject({ state: 'read' });
  });

  it.each<[FaultCode, boolean]>([
    ['unauthenticated', false],
    ['denied', false],
    ['not-found', false],
    ['conflict', false],
    ['throttled', false],
    ['unsupported', false],
    ['unreachable', true],
    ['timed-out', true],
    ['malformed', true],
  ])('whose creation ended by %s may be there, and is deleted: %s', async (code, isDeleted) => {
    const { told, calls } = await run({ creation: new Fault(code, 'No.') });
    expect(told).toBe(code);
    expect(calls).toEqual(['create in lab', ...(isDeleted ? [`delete lab/${NAME}`, 'deleted'] : [])]);
  });

  it.each<[string, Story]>([
    ['cannot be read', { found: [new Fault('denied', 'No.')] }],
    ['has an output that cannot be read', { log: new Fault('denied', 'No.') }],
    ['is read by nobody who has the time', { found: [new Fault('timed-out', 'Late.')] }],
    ['cannot be waited for', { found: [pod('Pending')], pause: () => Promise.reject(new Fault('timed-out', 'Bug.')) }],
  ])('that %s is deleted, and the fault is reported', async (_, story) => {
    const { told, isDeleted } = await run(story);
    expect([typeof told, isDeleted]).toEqual(['string', true]);
  });

  it('that cannot be deleted is reported, whatever it printed', async () => {
    expect((await run({ deletion: new Fault('denied', 'No.') })).told).toBe('denied');
  });

  it.each<[string, NonNullable<Story['found']>]>([
    ['does not end', [pod('Pending', 'Unschedulable')]],
    ['is not answered for', ['no answer']],
  ])('that %s until its time limit is unknown, and is deleted with a limit of its own', async (_, found) => {
    const { told, isDeleted, calls } = await run({ found, limitMs: 20, pause: (_milliseconds, signal) => until(signal) });
    expect([told, isDeleted]).toEqual([{ ...unknown, reason: expect.stringContaining('did not end in time') }, true]);
    expect(calls.join()).not.toContain('too late');
  });

  it('whose wait is broken off at its time limit is unknown', async () => {
    const brokenOff = (_: number, signal: AbortSignal) => until(signal).then(() => Promise.reject(new Error('aborted')));
    expect((await run({ found: [pod('Pending')], limitMs: 20, pause: brokenOff })).told).toMatchObject(unknown);
  });

  it('says what it waited for last', async () => {
    const late = (seen: ProbedPod) => {
      const controller = new AbortController();
      return run({ found: [seen], pause: async () => controller.abort() }, controller.signal);
    };
    expect((await late(pod('Pending', 'Unschedulable'))).told).toMatchObject({ reason: expect.stringContaining('Unschedulable') });
    expect((await late(pod('Running'))).told).toMatchObject({ reason: expect.stringContaining('Running') });
  });

  it.each<[string, NonNullable<Story['found']>, unknown]>([
    ['between two looks', [pod('Pending')], { ...unknown, reason: expect.any(String) }],
    ['in the middle of one', [pod('Pending'), 'no answer'], 'timed-out'],
  ])('is deleted in time when its caller leaves %s', async (_, found, expected) => {
    const controller = new AbortController();
    const leave = async () => {
      if (found.length === 1) controller.abort();
      else setImmediate(() => controller.abort());
    };
    const { told, calls, isDeleted } = await run({ found, pause: leave }, controller.signal);
    expect([told, isDeleted]).toEqual([expected, true]);
    expect(calls).toContain(`delete lab/${NAME}`);
  });

  it('asks for its class and its node only, and may do nothing', async () => {
    const { made } = await run({});
    expect(made).toMatchObject({
      metadata: { name: NAME, labels: { 'app.kubernetes.io/managed-by': 'kataudit', 'kataudit.io/probe': 'canary' } },
      spec: {
        runtimeClassName: 'kata',
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['kata-0'] }] }],
            },
          },
        },
        tolerations: [{ operator: 'Exists' }],
        restartPolicy: 'Never',
        activeDeadlineSeconds: 60,
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            image: CANARY.image,
            command: ['cat', '/proc/sys/kernel/random/boot_id', '/proc/version'],
            resources: { requests: CANARY.resources, limits: CANARY.resources },
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    });
  });
});

function until(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}

describe('a sweep', () => {
  const NOW = Date.parse('2026-01-01T00:00:00Z');
  const wait: CanaryWait = { limitMs: 1, now: () => new Date(NOW), pause: async () => undefined, newId: () => '1' };
  const aged = (name: string, age: number) => ({ name, createdAt: new Date(NOW - age) });

  it('deletes canaries of more than ten minutes, by their labels, and ends no earlier than the last deletion', async () => {
    const calls: string[] = [];
    const api: Pick<ProbeApi, 'listPods' | 'deletePod'> = {
      listPods: async (namespace, selector) => {
        calls.push(`list ${namespace} ${selector}`);
        return [aged('a', 600_001), aged('b', 600_000), aged('c', 9e9), aged('d', -5)];
      },
      deletePod: async (namespace, name) => {
        await new Promise(setImmediate);
        calls.push(`deleted ${namespace}/${name}`);
      },
    };
    const unused = () => Promise.reject(new Error('Not asked for here.'));
    expect(await sweepCanaries({ ...api, createPod: unused, readPod: unused, readLog: unused }, 'lab', wait, running)).toBe(2);
    expect(calls).toEqual(['list lab app.kubernetes.io/managed-by=kataudit,kataudit.io/probe=canary', 'deleted lab/a', 'deleted lab/c']);
  });
});

it('a canary waits for a part of its time, which its caller may end, and has a name that nobody guesses', async () => {
  expect(REAL_WAIT.limitMs).toBe(60_000);
  await expect(REAL_WAIT.pause(3_600_000, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  await expect(REAL_WAIT.pause(1, AbortSignal.timeout(5_000))).resolves.toBeUndefined();
  expect(REAL_WAIT.newId()).toMatch(/^[0-9a-f]{10}$/);
  expect(REAL_WAIT.newId()).not.toBe(REAL_WAIT.newId());
});
