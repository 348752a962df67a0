import { type ChildProcess, spawn } from 'node:child_process';
import { basename, resolve, sep } from 'node:path';
import { z } from 'zod';
import { SignInFault } from '../client/network-fault.ts';
import { oneLine } from '../wire/one-line.ts';
import type { ExecEntry } from './entries.ts';
import type { Environment } from './load.ts';

/** What a program gave. */
export interface PluginCredential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970; absent when it does not end. */
  readonly endsAt?: number;
}

/** Where and how a program is run. */
export interface PluginRun {
  readonly plugin: ExecEntry;
  /** The folder of the kubeconfig: a command that is a path starts there. */
  readonly folder: string;
  /** How messages name the user. */
  readonly who: string;
  /** What the program is told of the cluster, where it asks for it. */
  readonly cluster: unknown;
  readonly environment: Environment;
  /** Whether somebody sits at the standard input. */
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
 * Runs a program that gives credentials, as kubectl does: its prompts reach the terminal, and when its time is up, or this process
 * ends, so do it and all that it started. Source: kubernetes.io/docs/reference/access-authn-authz/authentication, client-go credential plugins.
 */
export async function runPlugin(run: PluginRun): Promise<PluginCredential> {
  const { plugin, who } = run;
  const { apiVersion = '' } = plugin;
  if (plugin.command === undefined) throw new SignInFault(`A program is to sign in ${who}, and none is named.`);
  if (!VERSIONS.includes(apiVersion)) {
    const known = VERSIONS.join(' and ');
    throw new SignInFault(
      `The program ${plugin.command} for ${who} speaks ${apiVersion || 'no version'}; kubectl and Kataudit speak ${known}.`,
    );
  }
  if (plugin.interactiveMode === 'Always' && !run.isTerminal) {
    throw new SignInFault(`The program ${plugin.command} for ${who} must ask somebody, and the standard input is no terminal.`);
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
    reject(new SignInFault(`${name} did not sign in within ${Math.round(run.limitMs / 1000)} s, and was ended.`));
  }, run.limitMs);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    output += piece;
    if (output.length > MAX_OUTPUT) end();
  });
  child.once('error', (cause) => reject(notStarted(cause, run, command)));
  child.once('close', (code) => {
    if (code === 0 && output.length <= MAX_OUTPUT) done(output);
    else reject(new SignInFault(`${name} ended with ${code === null ? 'a signal' : `exit code ${code}`}; what it said stands above.`));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** Without a terminal it gets a process group of its own, so that what it started can be ended with it. */
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
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (interactive || process.platform === 'win32') child.kill('SIGKILL');
  else process.kill(-child.pid, 'SIGKILL');
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does something when this process ends, by a signal too; the signal then has its usual effect. */
function whenProcessEnds(act: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    act();
    forget();
    // Who else listens decides what the signal does; without anybody it ends the process.
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

/** How the programs that people miss are installed; a kubeconfig may say it itself. */
const INSTALLED_BY: Readonly<Record<string, string>> = {
  kubelogin: 'az aks install-cli installs it.',
  'gke-gcloud-auth-plugin': 'gcloud components install gke-gcloud-auth-plugin installs it.',
};

function notStarted(cause: Error, { plugin, who }: PluginRun, command: string): SignInFault {
  const code = 'code' in cause ? String(cause.code) : '';
  const name = `The program ${command}, which is to sign in ${who},`;
  if (code !== 'ENOENT') return new SignInFault(`${name} cannot be started (${code || 'unknown reason'}).`, cause);
  const hint = plugin.installHint === undefined ? INSTALLED_BY[basename(command)] : `${oneLine(plugin.installHint)}.`;
  return new SignInFault(`${name} is not installed.${hint === undefined ? '' : ` ${hint}`}`, cause);
}

/** No message quotes the output: it holds the token. */
function credentialIn(output: string, apiVersion: string, name: string): PluginCredential {
  const answer = Answer.safeParse(jsonOf(output));
  if (!answer.success) throw new SignInFault(`${name} gave no ExecCredential.`);
  const { status } = answer.data;
  if (answer.data.apiVersion !== apiVersion) {
    throw new SignInFault(`${name} is to speak ${apiVersion}, and spoke ${oneLine(answer.data.apiVersion, 80)}.`);
  }
  const [token, cert, key] = [status.token?.trim(), status.clientCertificateData, status.clientKeyData];
  if (!token && !(cert && key)) throw new SignInFault(`${name} gave neither a token nor a certificate with its key.`);
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
    // What the parser says quotes the text.
    return undefined;
  }
}
