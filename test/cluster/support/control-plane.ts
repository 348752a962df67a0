import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { freePort } from '../../support/command.ts';
import { type ApiServer, apiServer } from './api-server.ts';
import { type Program, program } from './programs.ts';

/** Users whose token is their name; only `admin` has rights from the start. */
const USERS = ['admin', 'auditor', 'nobody'] as const;
export type User = (typeof USERS)[number];

/** A separate Kubernetes control plane on loopback. */
export interface ControlPlane {
  /** The folder of its files, which tests may also use; deleted when it has stopped. */
  readonly folder: string;
  readonly server: string;
  readonly caPem: string;
  /** The address of the simulated kubelets, which a node must contain so that `exec` reaches them. */
  readonly kubeletPort: number;
  /** The path of a user's kubeconfig; its one context is `real`. */
  readonly kubeconfig: (user: User) => string;
  /** Its API as `admin`. */
  readonly api: ApiServer;
  /** The address of its etcd, and the process of its API server: for measurements. */
  readonly etcd: string;
  readonly apiServerPid: number;
  readonly stop: () => Promise<void>;
}

/** How a control plane is started. */
export interface ControlPlaneOptions {
  /** More flags of kube-apiserver. */
  readonly flags?: readonly string[];
  /** Whether controllers, scheduler and simulated kubelets also run; without them pods do not change. */
  readonly controllers?: boolean;
}

const READY_MS = 60_000;

/** Waits until a value is present, and names what it waited for when it never is. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, limitMs = 30_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`Waited ${limitMs / 1000} s for ${what}.`);
    await pause(100);
  }
}

/** Starts a control plane and returns when it is ready. */
export async function startControlPlane({ flags = [], controllers = true }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'kataudit-cluster-'));
  const running: ChildProcess[] = [];
  const stop = async () => {
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(running.map(ended));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const run = (name: Program, args: readonly string[]) => {
      const child = spawnInto(folder, name, args);
      running.push(child);
      return child;
    };
    const plane = await begin(folder, flags, run);
    const kubeletPort = await freePort();
    if (controllers) await beginControllers(folder, plane.api, kubeletPort, run);
    return { ...plane, kubeletPort, stop };
  } catch (error) {
    const said = await readFile(join(folder, 'kube-apiserver.log'), 'utf8').catch(() => 'It wrote no log.');
    await stop();
    throw new Error(`The control plane did not start: ${said.slice(-2_000)}`, { cause: error });
  }
}

type Run = (name: Program, args: readonly string[]) => ChildProcess;

async function begin(folder: string, flags: readonly string[], run: Run): Promise<Omit<ControlPlane, 'stop' | 'kubeletPort'>> {
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const server = `https://127.0.0.1:${port}`;
  const caPem = await writeSecrets(folder, server);
  const etcd = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  const addresses = ['--listen-client-urls', etcd, '--advertise-client-urls', etcd, '--listen-peer-urls', peers];
  run('etcd', [
    '--data-dir',
    join(folder, 'etcd'),
    ...addresses,
    '--initial-advertise-peer-urls',
    peers,
    '--initial-cluster',
    `default=${peers}`,
    '--unsafe-no-fsync',
  ]);
  const at = (name: string) => join(folder, name);
  const { pid: apiServerPid = 0 } = run('kube-apiserver', [
    ...['--etcd-servers', etcd, '--secure-port', String(port), '--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1'],
    ...['--endpoint-reconciler-type', 'none', '--tls-cert-file', at('server.crt'), '--tls-private-key-file', at('server.key')],
    ...['--token-auth-file', at('tokens.csv'), '--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.0.0.0/24'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', at('accounts.key')],
    ...[
      '--service-account-signing-key-file',
      at('accounts.key'),
      '--allow-privileged=true',
      '--kubelet-certificate-authority',
      at('ca.crt'),
    ],
    ...flags,
  ]);
  const api = apiServer(server, caPem, 'admin');
  const ready = async () => (await api.ask('GET', '/readyz').catch(() => undefined))?.status === 200;
  await until('the API server', ready, READY_MS);
  return { folder, server, caPem, api, etcd, apiServerPid, kubeconfig: (user) => at(`${user}.yaml`) };
}

async function beginControllers(folder: string, api: ApiServer, kubelet: number, run: Run): Promise<void> {
  const admin = join(folder, 'admin.yaml');
  const asAdmin = ['--kubeconfig', admin, '--authentication-kubeconfig', admin, '--authorization-kubeconfig', admin];
  const here = async () => [
    '--leader-elect=false',
    '--bind-address',
    '127.0.0.1',
    '--secure-port',
    String(await freePort()),
    '--cert-dir',
    folder,
  ];
  const eager = ['--kube-api-qps', '500', '--kube-api-burst', '1000'];
  const accounts = ['--service-account-private-key-file', join(folder, 'accounts.key'), '--root-ca-file', join(folder, 'ca.crt')];
  run('kube-controller-manager', [...asAdmin, ...accounts, ...eager, ...(await here())]);
  run('kube-scheduler', [...asAdmin, ...eager, ...(await here())]);
  await writeFile(join(folder, 'kwok.yaml'), KWOK);
  run('kwok', [
    ...['--kubeconfig', admin, '--config', join(folder, 'kwok.yaml'), '--manage-all-nodes=true', '--node-lease-duration-seconds', '40'],
    ...['--server-address', `127.0.0.1:${kubelet}`, '--node-ip', '127.0.0.1', '--node-port', String(kubelet)],
    ...['--tls-cert-file', join(folder, 'server.crt'), '--tls-private-key-file', join(folder, 'server.key')],
  ]);
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  await until('the service account of the namespace default', async () => (await api.ask('GET', account)).status === 200, READY_MS);
}

/** Simulated kubelets answer `exec` by running the command on this machine: a pod shows this machine's boot id. */
const KWOK = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterExec
metadata: {name: all}
spec: {execs: [{local: {}}]}
`;

/** Creates certificates, keys, tokens, and a kubeconfig for each user; returns the authority's certificate. */
async function writeSecrets(folder: string, server: string): Promise<string> {
  const authority = await createAuthority('test-ca');
  const { certificate, key } = await authority.server();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ca = Buffer.from(authority.caPem).toString('base64');
  const files: Readonly<Record<string, string>> = {
    'ca.crt': authority.caPem,
    'server.crt': certificate,
    'server.key': key,
    'accounts.key': String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
    'tokens.csv': USERS.map((user, at) => `${user},${user},${at},${user === 'admin' ? 'system:masters' : ''}\n`).join(''),
    ...Object.fromEntries(USERS.map((user) => [`${user}.yaml`, kubeconfigOf(server, ca, user)])),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })));
  return authority.caPem;
}

function kubeconfigOf(server: string, ca: string, user: User): string {
  return `apiVersion: v1
kind: Config
clusters: [{name: real, cluster: {server: "${server}", certificate-authority-data: ${ca}}}]
users: [{name: u, user: {token: ${user}}}]
contexts: [{name: real, context: {cluster: real, user: u}}]
current-context: real
`;
}

function spawnInto(folder: string, name: Program, args: readonly string[]): ChildProcess {
  const child = spawn(program(name), [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(folder, `${name}.log`));
  log.on('error', () => child.kill('SIGKILL'));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  // No process outlives the test run, however it ends.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => {
    process.off('exit', kill);
    log.end();
  });
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((done) => child.once('close', done));
}
