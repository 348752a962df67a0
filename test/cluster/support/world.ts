import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Judgement, RuleRun } from '../../../shared/domain/rule/rule.ts';
import { type Subject, subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { run } from '../../support/command.ts';
import { type ApiServer, apiServer } from './api-server.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane, type User, until } from './control-plane.ts';
import { aClass, aNode, aPodSpec, aTenant, aWorkload, type Kind, pathOf } from './objects.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A control plane with two Kata nodes, a plain node and AKS's class, and what a test creates and reads there. */
export interface World extends ControlPlane {
  /** Creates a workload and waits until its pods are `running`, or in the given phase. */
  plant(kind: Kind, namespace: string, name: string, spec?: object, phase?: 'Running' | 'Pending' | 'Succeeded'): Promise<void>;
  tenant(name: string): Promise<void>;
  /** Waits until all pods with the label `app` run with a class, after a rollout. */
  settled(namespace: string, app: string, runtimeClassName: string): Promise<void>;
  /** Applies one of the files of `infra/kubernetes` to a user. */
  grant(file: string, user?: User): Promise<void>;
  /** The API as another user. */
  as(user: User): ApiServer;
  /** The result of `kataudit audit`, by default as the auditor. */
  audit(args?: readonly string[], user?: User): Promise<Report>;
}

const Document = z.looseObject({
  code: z.number().optional(),
  runs: z.array(z.custom<RuleRun>((value) => typeof value === 'object' && value !== null)),
});

/** The output of an audit, and its exit code. */
export interface Report {
  readonly code: number | null;
  readonly err: string;
  readonly runs: readonly RuleRun[];
  /** The judgements of a rule, of one subject or of all. */
  of(rule: string, subject?: Subject): readonly Judgement[];
}

/** Starts a control plane with its nodes and class. */
export async function startWorld(options: ControlPlaneOptions = {}): Promise<World> {
  const plane = await startControlPlane(options);
  const { api } = plane;
  const world: World = {
    ...plane,
    plant: async (kind, namespace, name, spec = aPodSpec(undefined), phase = 'Running') => {
      await api.must('POST', pathOf(kind, namespace), aWorkload(kind, name, spec));
      if (kind === 'CronJob') return;
      await until(`pods of ${kind} ${namespace}/${name} that are ${phase}`, async () => {
        const pods = (await api.list(`${pathOf('Pod', namespace)}?labelSelector=app%3D${name}`)).map(({ status }) => status?.phase);
        return pods.length > 0 && pods.every((one) => one === phase);
      });
    },
    settled: async (namespace, app, runtimeClassName) => {
      await until(`the pods of ${namespace}/${app} to be in the class ${runtimeClassName}`, async () => {
        const pods = await api.list(`${pathOf('Pod', namespace)}?labelSelector=app%3D${app}`);
        return (
          pods.length > 0 && pods.every(({ spec, status }) => spec?.runtimeClassName === runtimeClassName && status?.phase === 'Running')
        );
      });
    },
    tenant: async (name) => {
      await api.must('POST', '/api/v1/namespaces', aTenant(name));
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(`the service account of ${name}`, async () => (await api.ask('GET', account)).status === 200);
    },
    grant: async (file, user = 'auditor') => {
      const text = await readFile(join(ROOT, 'infra/kubernetes', file), 'utf8');
      for (const document of parseAllDocuments(text.replaceAll('OBJECT-ID', user))) await create(plane, document.toJS());
    },
    as: (user) => apiServer(plane.server, plane.caPem, user),
    audit: async (args = [], user = 'auditor') =>
      reportOf(await run(['audit', '--kubeconfig', plane.kubeconfig(user), '--format', 'json', ...args])),
  };
  for (const [name, kata] of [
    ['kata-0', true],
    ['kata-1', true],
    ['plain-0', false],
  ] as const)
    await api.must('POST', '/api/v1/nodes', aNode(name, { kata }));
  await api.must('POST', '/apis/node.k8s.io/v1/runtimeclasses', aClass());
  await classInForce(world, 'kata-vm-isolation', true);
  return world;
}

/** Waits until admission knows a class, or knows that it was deleted, because it reads classes from its own cache. */
export async function classInForce({ api }: Pick<ControlPlane, 'api'>, name: string, isThere: boolean): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'try' }, spec: aPodSpec(name) };
  const taken = async () => (await api.ask('POST', `${pathOf('Pod', 'default')}?dryRun=All`, pod)).status < 300;
  await until(`the class ${name} to be ${isThere ? 'known' : 'gone'}`, async () => (await taken()) === isThere);
}

const Applied = z.object({ apiVersion: z.string(), kind: z.string(), metadata: z.object({ namespace: z.string().optional() }) });

async function create({ api }: ControlPlane, object: unknown): Promise<void> {
  const { apiVersion, kind, metadata } = Applied.parse(object);
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const where = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  await api.must('POST', `${group}${where}/${kind.toLowerCase()}s`, object);
}

/** The parsed output of an audit or an evaluation. */
export function reportOf({ code, out, err }: { readonly code: number | null; readonly out: string; readonly err: string }): Report {
  const runs = out === '' ? [] : Document.parse(JSON.parse(out)).runs;
  return {
    code,
    err,
    runs,
    of: (rule, subject) => {
      const judged = runs.flatMap((one) => (one.ruleId === rule && one.state === 'judged' ? one.judgements : []));
      return subject === undefined ? judged : judged.filter((one) => subjectKey(one.subject) === subjectKey(subject));
    },
  };
}

/** A workload as the subject of a verdict. */
export function workload(ownerKind: string, namespace: string, ownerName: string): Extract<Subject, { kind: 'workload' }> {
  return { kind: 'workload', namespace, ownerKind, ownerName };
}
