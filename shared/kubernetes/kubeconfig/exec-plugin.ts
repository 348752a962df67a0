import { type ChildProcess, spawn } from 'node:child_process';
import { basename, resolve, sep } from 'node:path';
import { z } from 'zod';
import { SignInFault } from '../client/network-fault.ts';
import { oneLine } from '../wire/one-line.ts';
import type { ExecEntry } from './entries.ts';
import type { Environment } from './load.ts';

/** The credential that a program returned. */
export interface PluginCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970; absent if it does not expire. */
  readonly endsAt?: number;
}

/** Where and how a program is run. */
export interface PluginRun {
  readonly plugin: ExecEntry;
  /** The folder of the kubeconfig, from which relative command paths start. */
  readonly folder: string;
  /** The user's name in messages. */
  readonly who: string;
  /** The cluster information that the program gets if it requests it. */
  readonly cluster: unknown;
  readonly environment: Environment;
  /** Whether standard input is a terminal. */
  readonly isTerminal: boolean;
  readonly limitMs: number;
}

const VERSIONS: readonly string[] = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const MAX_OUTPUT = 1_048_576;

const Answer = z.object({
  apiVersion: z.string(),
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/**
 * Runs a credential program as kubectl does. Its prompts reach the terminal. It and its child processes are ended when the time is up or
 * this process ends. Source: kubernetes.io/docs/reference/access-authn-authz/authentication, client-go credential plugins.
 */
export async function runPlugin(run: PluginRun): Promise<PluginCredential> {
  const { plugin, who } = run;
  const { apiVersion = '' } = plugin;
  if (plugin.command === undefined) throw new SignInFault(`The exec entry of ${who} names no program (command).`);
  if (!VERSIONS.includes(apiVersion)) {
    const known = VERSIONS.join(' and ');
    throw new SignInFault(
      `The program ${plugin.command} for ${who} uses ${apiVersion || 'no API version'}; kubectl and Kataudit support ${known}.`,
    );
  }
  if (plugin.interactiveMode === 'Always' && !run.isTerminal) {
    throw new SignInFault(`The program ${plugin.command} for ${who} needs to prompt, but standard input is not a terminal.`);
  }
  return credentialIn(await outputOf(run, plugin.command), apiVersion, `The program ${plugin.command} for ${who}`);
}

async function outputOf(run: PluginRun, command: string): Promise<string> {
  const interactive = run.isTerminal && run.plugin.interactiveMode !== 'Never';
  const child = begin(run, command, interactive);
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  const end = () => kill(child, interactive);
  const forget = whenProcessEnds(end);
  const name = `The program ${command} for ${run.who}`;
  const timer = setTimeout(() => {
    end();
    reject(new SignInFault(`${name} did not sign in within ${Math.round(run.limitMs / 1000)} s and was stopped.`));
  }, run.limitMs);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    output += piece;
    if (output.length <= MAX_OUTPUT) return;
    end();
    reject(new SignInFault(`${name} printed more than ${MAX_OUTPUT} characters and was stopped.`));
  });
  child.once('error', (cause) => reject(notStarted(cause, run, command)));
  child.once('close', (code) => {
    if (code === 0) done(output);
    else reject(new SignInFault(`${name} ended with ${code === null ? 'a signal' : `exit code ${code}`}; its output is above.`));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** Without a terminal it gets its own process group, so that its child processes can be ended with it. */
function begin({ plugin, folder, cluster, environment }: PluginRun, command: string, interactive: boolean): ChildProcess {
  const spec = { interactive, ...(plugin.provideClusterInfo ? { cluster } : {}) };
  const info = JSON.stringify({ apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec });
  const own = Object.fromEntries(plugin.env.map(({ name, value }) => [name, value]));
  const path = command.includes('/') || command.includes(sep) ? resolve(folder, command) : command;
  return spawn(path, plugin.args, {
    env: { ...environment, ...own, KUBERNETES_EXEC_INFO: info },
    stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    detached: !interactive && process.platform !== 'win32',
  });
}

function kill(child: ChildProcess, interactive: boolean): void {
  if (child.pid === undefined) return;
  if (interactive || process.platform === 'win32') child.kill('SIGKILL');
  else killGroup(child.pid);
}

/** Also ends what a program that has already ended left behind with its output open. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a function when this process ends, also by a signal; the signal keeps its usual effect. */
function whenProcessEnds(act: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    act();
    // Other listeners decide what the signal does; without any, it ends the process.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off('exit', act);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.once('exit', act);
  for (const signal of SIGNALS) process.once(signal, onSignal);
  return forget;
}

/** How to install programs that are often missing; a kubeconfig may contain its own hint. */
const INSTALLED_BY: Readonly<Record<string, string>> = {
  kubelogin: 'az aks install-cli installs it.',
  'gke-gcloud-auth-plugin': 'gcloud components install gke-gcloud-auth-plugin installs it.',
};

function notStarted(cause: Error, { plugin, who }: PluginRun, command: string): SignInFault {
  const code = 'code' in cause ? String(cause.code) : '';
  const name = `The program ${command}, which signs in ${who},`;
  if (code !== 'ENOENT') return new SignInFault(`${name} cannot be started (${code || 'unknown reason'}).`, cause);
  const hint = plugin.installHint === undefined ? INSTALLED_BY[basename(command)] : `${oneLine(plugin.installHint)}.`;
  return new SignInFault(`${name} is not installed.${hint === undefined ? '' : ` ${hint}`}`, cause);
}

/** No message quotes the output, because it contains the token. */
function credentialIn(output: string, apiVersion: string, name: string): PluginCredential {
  const answer = Answer.safeParse(jsonOf(output));
  if (!answer.success) throw new SignInFault(`${name} returned no ExecCredential.`);
  const { status } = answer.data;
  if (answer.data.apiVersion !== apiVersion) {
    throw new SignInFault(`${name} returned the API version ${oneLine(answer.data.apiVersion, 80)} instead of ${apiVersion}.`);
  }
  const [token, cert, key] = [status.token?.trim(), status.clientCertificateData, status.clientKeyData];
  if (!token && !(cert && key)) throw new SignInFault(`${name} returned neither a token nor a certificate with its key.`);
  const endsAt = Date.parse(status.expirationTimestamp ?? '');
  return {
    ...(token ? { token } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(Number.isNaN(endsAt) ? {} : { endsAt }),
  };
}

function jsonOf(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    // The parser's message quotes the text, so it is not used.
    return undefined;
  }
}
