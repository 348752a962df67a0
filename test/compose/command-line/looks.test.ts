import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import type { AzureOptions } from '../../../shared/azure/client/options.ts';
import { openAzure } from '../../../shared/compose/command-line/azure-cluster.ts';
import { checkPaths, readClasses } from '../../../shared/compose/command-line/check-manifests.ts';
import { doctorOf } from '../../../shared/compose/command-line/doctor.ts';
import {
  auditSaved,
  collectKubeconfig,
  contextCluster,
  contextNames,
  openAccess,
  openKubeconfigCluster,
  signInMs,
} from '../../../shared/compose/command-line/kubeconfig.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import { printSnapshot } from '../../../shared/domain/snapshot/snapshot-file.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { BESIDE, ILL, smallEstate } from '../../faults/small-estate.ts';
import { aPodGroup, aRuntimeClass, aSnapshot } from '../../support/a-snapshot.ts';
import { aPod } from '../../support/check-texts.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const [first, second, third] = smallEstate().subscriptions;
const ids = [first, second, third].map((one) => one?.id ?? '');

let running: RunningEstate;
let folder: string;
let file: string;
beforeAll(async () => {
  running = await startEstate(smallEstate());
  folder = await mkdtemp(join(tmpdir(), 'kataudit-looks-'));
  file = join(folder, 'ill.kubeconfig');
  await writeFile(file, running.kubeconfigFor(ILL));
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const azure = (over: Partial<AzureOptions> = {}) =>
  openAzure({
    credential: staticToken(running.token),
    armEndpoint: running.armEndpoint,
    clock: () => NOW,
    tlsOptions: { ca: running.caPem },
    ...over,
  });
const namesIn = ({ clusters }: { readonly clusters: readonly { readonly name: string }[] }) => clusters.map(({ name }) => name).toSorted();

describe('Azure for one run', () => {
  it('lists each cluster of subscriptions and management groups in scope of the policy once', async () => {
    const { list } = await azure();
    expect(namesIn(await list([ids[0]?.toUpperCase() ?? ''], [], DEFAULT_POLICY))).toEqual([BESIDE, ILL]);
    const whole = await list([ids[0] ?? ''], ['faults'], DEFAULT_POLICY);
    expect([namesIn(whole), whole.notListed]).toEqual([[BESIDE, ILL, 'well-2', 'well-3'], []]);
    const policy = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, exclude: ['well-*'] } };
    expect(namesIn(await list([], ['faults'], policy))).toEqual([BESIDE, ILL]);
  });

  it('reports what could not be listed, and lists the rest', async () => {
    const { list } = await azure();
    const nobody = 'abcdef99-0000-4000-8000-000000000009';
    const listed = await list([ids[1] ?? '', nobody.toUpperCase(), nobody], ['no-such-group'], DEFAULT_POLICY);
    expect(namesIn(listed)).toEqual(['well-2']);
    expect(listed.notListed.map(({ scope }) => scope)).toEqual(['management group no-such-group', nobody]);
  });

  it('reads a cluster like a scan, with its own time, and probes nothing', async () => {
    const [cluster] = first?.clusters ?? [];
    const { collect } = await azure();
    const seen = await collect(clusterId(first?.id ?? '', cluster ?? expect.unreachable()), DEFAULT_POLICY, NOW);
    expect(seen).toMatchObject({ observedAt: NOW.toISOString(), nodes: { state: 'observed' }, workloads: { state: 'observed' } });
    expect(seen.isolationProofs).toMatchObject({ reason: { code: 'not-asked' } });
  });
});

it('a cluster whose credential is throttled for too long is shown without what only its API server knows', async () => {
  const [cluster] = first?.clusters ?? [];
  const id = clusterId(first?.id ?? '', cluster ?? expect.unreachable());
  const action = { kind: 'status', status: 429, body: '{}', isRefusal: true, retryAfterSeconds: 60 } as const;
  running.faults.inject({ server: 'arm', path: /listClusterUserCredential/, action });
  try {
    const seen = await (await azure({ timeBudgetMs: 30_000 })).collect(id, DEFAULT_POLICY, NOW);
    expect(seen).toMatchObject({ nodePools: { state: 'observed' }, nodes: { state: 'unavailable', reason: { code: 'throttled' } } });
  } finally {
    running.faults.clear();
  }
});

describe('a kubeconfig', () => {
  const choice = () => ({ path: file, environment: {}, canAsk: false, timeoutSeconds: 20 });

  it('contains the Kubernetes evidence, and says that Azure was not read', async () => {
    const seen = await collectKubeconfig(choice(), DEFAULT_POLICY, NOW);
    const [context = ''] = await contextNames(choice());
    expect(seen.cluster).toEqual({
      id: `kubeconfig:${context}`,
      name: context,
      subscriptionId: '',
      resourceGroup: '',
      location: '',
      tags: {},
    });
    expect(seen.cluster).toEqual(contextCluster(context));
    expect(seen).toMatchObject({ observedAt: NOW.toISOString(), nodes: { state: 'observed' }, workloads: { state: 'observed' } });
    for (const part of [seen.settings, seen.nodePools, seen.latestImages])
      expect(part).toMatchObject({ reason: { code: 'no-azure-access' } });
    expect(seen.isolationProofs).toMatchObject({ reason: { code: 'not-asked' } });
  });

  it('is probed within one namespace when one is given, without the others', async () => {
    const { name, server, probe } = await openKubeconfigCluster(choice());
    expect([name, server]).toEqual([(await contextNames(choice()))[0], expect.stringMatching(/^https:/)]);
    const namespacesOf = async (onlyNamespace?: string) => {
      const wanted = { mode: 'exec', policy: DEFAULT_POLICY, ...(onlyNamespace === undefined ? {} : { onlyNamespace }) } as const;
      const { workloads, isolationProofs } = await probe(wanted, NOW, new AbortController().signal);
      const of = (all: readonly { readonly namespace: string }[]) => [...new Set(all.map(({ namespace }) => namespace))].toSorted();
      return [workloads, isolationProofs].map((part) => (part.state === 'observed' ? of(part.value) : part.reason.code));
    };
    expect((await namespacesOf('team'))[0]).toEqual(['team']);
    expect((await namespacesOf('team'))[1]).toEqual(['team']);
    expect((await namespacesOf())[0]).toContain('zoo');
  });

  it('is signed in to with the credential at hand, before anything is read and before its time begins', async () => {
    const steps: string[] = [];
    const open: typeof openAccess = async (chosen) => {
      const access = await openAccess(chosen);
      return {
        ...access,
        credentials: async (renew, signal) => {
          if (steps.length > 1) return access.credentials(renew, signal);
          steps.push(`signs in${renew ? ' again' : ''}`);
          await new Promise(setImmediate);
          steps.push('signed in');
          return access.credentials(renew, signal);
        },
        kubeConfig: (...what) => {
          steps.push('reads');
          return access.kubeConfig(...what);
        },
      };
    };
    await collectKubeconfig(choice(), DEFAULT_POLICY, NOW, open);
    const wanted = { mode: 'exec', policy: DEFAULT_POLICY } as const;
    expect(steps.slice(0, 2)).toEqual(['signs in', 'signed in']);
    steps.length = 0;
    await (await openKubeconfigCluster(choice(), open)).probe(wanted, NOW, new AbortController().signal);
    expect(steps.slice(0, 2)).toEqual(['signs in', 'signed in']);
  });

  it.each([
    [false, 20, 20_000],
    [true, 20, 900_000],
    [true, 1_000, 1_000_000],
  ])('is signed in to for as long as a user may take, if one can be asked: %s, %i seconds', (canAsk, seconds, expected) => {
    expect(signInMs(canAsk, seconds)).toBe(expected);
  });

  it('is not probed once the probe was ended', async () => {
    const { probe } = await openKubeconfigCluster(choice());
    const before = running.requests.length;
    const ended = AbortSignal.abort(new Error('ended'));
    await probe({ mode: 'exec', policy: DEFAULT_POLICY }, NOW, ended).catch(() => undefined);
    expect(running.requests.slice(before)).toEqual([]);
  });

  it('is examined as the cluster of its context, without Azure', async () => {
    const [context = ''] = await contextNames(choice());
    const credential = { getToken: () => Promise.reject(new Error('Azure is not asked.')) };
    const { examineKubeconfig } = await doctorOf({ credential, armEndpoint: 'https://127.0.0.1:1', clock: () => NOW });
    for (const chosen of [undefined, context]) {
      const { clusterId, checks } = await examineKubeconfig(file, chosen, { probe: 'off', canaryNamespace: 'canary' });
      expect([clusterId, new Set(checks.map(({ state }) => state))]).toEqual([`kubeconfig:${context}`, new Set(['allowed'])]);
    }
    await expect(examineKubeconfig(file, 'no-such', { probe: 'off', canaryNamespace: 'canary' })).rejects.toMatchObject({ name: 'Fault' });
  });
});

it('a saved snapshot is judged by the handlers that this policy accepts, not those at the time of the snapshot', async () => {
  const group = aPodGroup({ labels: { 'kataudit.io/sandbox': 'required' }, runtimeClassName: 'peers' });
  const classes = observed([aRuntimeClass({ name: 'peers', handler: 'kata-qemu' })]);
  const saved = printSnapshot(aSnapshot({ workloads: observed([group]), runtimeClasses: classes, acceptedHandlers: ['kata-qemu'] }));
  const failing = async (acceptedHandlers?: readonly string[]) => {
    const entry = { name: 'peers', namespaces: ['*'], ...(acceptedHandlers === undefined ? {} : { acceptedHandlers }) };
    const { findings } = await auditSaved(saved, 's', { ...DEFAULT_POLICY, workloads: [entry] });
    return findings.some(({ ruleId }) => ruleId === 'workload-sandboxed');
  };
  expect([await failing(), await failing(['kata-qemu'])]).toEqual([true, false]);
  const told = await auditSaved(saved, 's', DEFAULT_POLICY, (snapshot) => ({ ...snapshot, observedAt: '2030-01-01T00:00:00.000Z' }));
  expect(told.snapshot.observedAt).toBe('2030-01-01T00:00:00.000Z');
});

describe('manifests', () => {
  const stdinOf = (text: string) => new PassThrough().end(text);
  const check = (text: string, namespace: string | undefined, policy = DEFAULT_POLICY) =>
    checkPaths({ paths: ['-'], namespace, policy, stdin: stdinOf(text), now: NOW });

  it('are read from the given paths, with the given namespace', async () => {
    const policy = { ...DEFAULT_POLICY, workloads: [{ name: 'tenants', namespaces: ['tenant-*'] }] };
    const text = aPod().replace('namespace: lab, ', '');
    expect((await check(text, undefined, policy)).remarks.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('names no namespace'),
    );
    const given = await check(text.replace(/.*runtimeClassName.*\n/, ''), 'tenant-a', policy);
    expect([given.remarks, given.findings.map(({ finding }) => finding.ruleId)]).toEqual([[], ['workload-sandboxed']]);
  });

  it('contain their classes, and the location of an unreadable one', async () => {
    const classes = 'apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: { name: peers }\nhandler: kata-qemu\n';
    expect(await readClasses(['-'], stdinOf(classes))).toMatchObject({ classes: [{ name: 'peers', handler: 'kata-qemu' }], problems: [] });
    const gone = classes.replace('node.k8s.io/v1', 'node.k8s.io/v1beta1');
    expect((await readClasses(['-'], stdinOf(gone))).problems).toEqual([]);
    const { problems } = await readClasses(['-'], stdinOf(`${classes}---\nkind: [`));
    expect(problems).toEqual([expect.stringMatching(/^\S+:\d+: /)]);
  });
});
