import { describe, expect, it } from 'vitest';
import { endOf, isFinished, waitOf } from '../../../shared/kubernetes/pods/pod-times.ts';
import type { WirePod } from '../../../shared/kubernetes/wire/messages.ts';

type Status = NonNullable<WirePod['status']>;
const pod = (status: Status, created?: number, spec: WirePod['spec'] = {}): WirePod => ({
  metadata: created === undefined ? {} : { creationTimestamp: { seconds: created } },
  spec,
  status,
});
const ended = (seconds: number | null) => ({ state: { terminated: { finishedAt: { seconds } } } });
const waiting = (reason: string) => ({ state: { waiting: { reason } } });
const condition = (type: string, status: string, seconds?: number, words: { reason?: string; message?: string } = {}) => ({
  type,
  status,
  ...(seconds === undefined ? {} : { lastTransitionTime: { seconds } }),
  ...words,
});

describe('the end of a pod', () => {
  it.each<[string, WirePod, number | undefined]>([
    ['the last of its containers', pod({ containerStatuses: [ended(30), ended(20)], initContainerStatuses: [ended(10)] }, 5), 30],
    ['an init container', pod({ containerStatuses: [{}], initContainerStatuses: [ended(10)] }, 5), 10],
    ['a container, whatever conditions say', pod({ containerStatuses: [ended(10)], conditions: [condition('Ready', 'False', 90)] }, 5), 10],
    [
      'a condition where no container tells',
      pod({ containerStatuses: [ended(null)], conditions: [condition('Ready', 'False', 40), condition('X', 'True', 30)] }, 5),
      40,
    ],
    ['its creation where nothing else tells', pod({}, 5), 5],
    ['its creation where that is later', pod({ containerStatuses: [ended(3)] }, 5), 5],
    ['unknown where nothing tells', pod({}), undefined],
  ])('is that of %s', (_, one, expected) => {
    expect(endOf(one)).toBe(expected);
  });

  it.each([
    ['Succeeded', true],
    ['Failed', true],
    ['Running', false],
    ['Pending', false],
    [undefined, false],
  ])('has come in the phase %s: %s', (phase, is) => {
    expect(isFinished({ status: { phase } })).toBe(is);
  });
});

describe('the wait of a pod', () => {
  const gates = { schedulingGates: [{}] };
  it.each<[string, WirePod, object | string | undefined]>([
    ['none, when it runs', pod({ phase: 'Running' }, 5), undefined],
    [
      'none, when a container of it starts again',
      pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff')] }, 5),
      undefined,
    ],
    ['since its creation', pod({ phase: 'Pending' }, 5), { since: 5 }],
    [
      'since its creation, while it has no node',
      pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 9)] }, 5),
      { since: 5 },
    ],
    [
      'since it got its node',
      pod({ phase: 'Pending', conditions: [condition('X', 'True', 8), condition('PodScheduled', 'True', 9)] }, 5),
      { since: 9 },
    ],
    [
      'since its creation, when nobody says when it got its node',
      pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'True')] }, 5),
      { since: 5 },
    ],
    ['of no known time', pod({ phase: 'Pending' }), {}],
    [
      'for a container that is created',
      pod({ phase: 'Running', containerStatuses: [{}, waiting('ContainerCreating')] }, 5),
      { since: 5, reason: 'ContainerCreating' },
    ],
    [
      'for an init container that is created',
      pod({ phase: 'Running', initContainerStatuses: [waiting('ContainerCreating')] }, 5),
      { since: 5, reason: 'ContainerCreating' },
    ],
    ['behind a gate', pod({ phase: 'Pending' }, 5, gates), 'gated'],
    ['none behind a gate that it has passed', pod({ phase: 'Running' }, 5, gates), undefined],
    ['not behind a list of no gates', pod({ phase: 'Pending' }, 5, { schedulingGates: [] }), { since: 5 }],
  ])('is %s', (_, one, expected) => {
    expect(waitOf(one)).toEqual(expected);
  });

  it.each<[string, Status, string | undefined]>([
    [
      'the scheduler says in words',
      {
        conditions: [condition('PodScheduled', 'False', 9, { reason: 'R', message: 'no node.\nNone.' })],
        containerStatuses: [waiting('W')],
      },
      'no node. None',
    ],
    ['the scheduler says in one word', { conditions: [condition('PodScheduled', 'False', 9, { reason: 'R', message: '' })] }, 'R'],
    [
      'a container says',
      {
        conditions: [condition('PodScheduled', 'True', 9, { reason: 'R', message: 'old' })],
        containerStatuses: [waiting(''), waiting('W')],
      },
      'W',
    ],
    ['an init container says first', { initContainerStatuses: [waiting('I')], containerStatuses: [waiting('W')] }, 'I'],
    [
      'the container says that the others wait for',
      { initContainerStatuses: [waiting('I')], containerStatuses: [waiting('PodInitializing')] },
      'I',
    ],
    ['nobody says', { containerStatuses: [waiting('PodInitializing')] }, undefined],
    ['another condition says, which is not asked', { conditions: [condition('Ready', 'False', 9, { reason: 'R' })] }, undefined],
  ])('has the reason that %s', (_, status, reason) => {
    expect(waitOf(pod({ phase: 'Pending', ...status }))).toEqual(reason === undefined ? {} : expect.objectContaining({ reason }));
  });
});
