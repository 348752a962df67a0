import { Writable } from 'node:stream';
import type { KubeConfig, V1Status } from '@kubernetes/client-node';
import { MAX_PROBE_OUTPUT, PROBE_COMMANDS } from '../../domain/isolation/probe-output.ts';
import type { ProbeTarget } from '../../domain/isolation/probe-targets.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { ProbeReading } from '../../ports/isolation-probe.ts';
import { withTimeLimit } from '../../ports/time-limit.ts';
import { oneLine } from '../wire/one-line.ts';
import { execSocket } from './exec-socket.ts';
import type { ProbeApi } from './probe-api.ts';

/** Time limit of one small read; a slower pod is busy with other work. */
export const EXEC_MS = 10_000;

type Outcome = ProbeReading | { readonly state: 'no-such-tool' } | { readonly state: 'failed'; readonly exitCode: string };

/** Reads the kernel of a running pod with the first tool that its image has. */
export async function execInPod(
  kubeConfig: KubeConfig,
  api: ProbeApi,
  { namespace, pod, node }: ProbeTarget,
  limitMs: number,
  abortSignal: AbortSignal,
): Promise<ProbeReading> {
  const found = await api.readPod(namespace, pod, abortSignal);
  if (found === undefined) return { state: 'unknown', reason: 'The pod no longer exists.' };
  if (found.phase !== 'Running') return { state: 'unknown', reason: `The pod is ${found.phase}, not Running.` };
  if (found.node !== node.name) return { state: 'unknown', reason: 'A pod of this name runs on another node now.' };
  const container = found.containers[0];
  if (container === undefined) return { state: 'unknown', reason: 'The pod has no container.' };
  let reason = 'The image has no tool that can read the kernel version.';
  for (const command of PROBE_COMMANDS) {
    const outcome = await run(kubeConfig, { namespace, pod, container, command }, limitMs, abortSignal);
    if (outcome.state === 'failed') reason = `The command ${command[0]} ended with exit code ${outcome.exitCode} in the pod.`;
    else if (outcome.state !== 'no-such-tool') return outcome;
  }
  return { state: 'unknown', reason };
}

interface Call {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

function run(kubeConfig: KubeConfig, call: Call, limitMs: number, abortSignal: AbortSignal): Promise<Outcome> {
  return withTimeLimit(limitMs, abortSignal, (limit) => runWithin(kubeConfig, call, limit, limitMs, abortSignal));
}

async function runWithin(
  kubeConfig: KubeConfig,
  { namespace, pod, container, command }: Call,
  limit: AbortSignal,
  limitMs: number,
  abortSignal: AbortSignal,
): Promise<Outcome> {
  const { Exec } = await import('../client/library.ts');
  const socket = execSocket(kubeConfig);
  // A signal that is already aborted fires no event.
  if (limit.aborted) socket.cut();
  limit.addEventListener('abort', socket.cut, { once: true });
  const late = (who: string, what: string): Outcome => {
    const reason = abortSignal.aborted
      ? `The probe ended before ${who} ${what}ed.`
      : `T${who.slice(1)} did not ${what} within ${limitMs / 1000} s.`;
    return { state: 'unknown', reason };
  };
  let status: V1Status | undefined;
  const output = bounded(socket.cut);
  try {
    await new Exec(kubeConfig, socket).exec(namespace, pod, container, [...command], output.stream, discard(), null, false, (told) => {
      status = told;
    });
    await socket.ended;
  } catch (error) {
    if (limit.aborted) return late('the pod', 'answer');
    if (error instanceof Fault && error.code === 'not-found') return { state: 'unknown', reason: error.message };
    throw error;
  } finally {
    limit.removeEventListener('abort', socket.cut);
    socket.cut();
  }
  if (output.overflowed()) return { state: 'unknown', reason: 'The command printed too much: more than two small files contain.' };
  if (limit.aborted) return late('the command', 'end');
  return judge(status, output.text());
}

function judge(status: V1Status | undefined, text: string): Outcome {
  if (status === undefined) return { state: 'unknown', reason: 'The connection ended before the command did.' };
  if (status.status === 'Success') return { state: 'read', output: text };
  // How runtimes report a missing binary; shells exit with 127, and runc and Kata return 126 or 127 as the exit code of exec.
  const exitCode = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const missing = /not found|no such file|executable file|permission denied/i.test(status.message ?? '');
  if (missing || exitCode === '126' || exitCode === '127') return { state: 'no-such-tool' };
  // The tool exists and failed; another one may still read the files.
  if (exitCode !== undefined) return { state: 'failed', exitCode };
  return {
    state: 'unknown',
    reason: `The API server could not run a command in the pod: ${withoutAddress(status.message ?? 'no reason')}`,
  };
}

/** Removes the kubelet's address from the server's message, which contains it before the reason. */
function withoutAddress(words: string): string {
  return oneLine(words.replace(/\b(?:Get|Post) "[^"]*": /g, '')).slice(0, 200);
}

/** Collects at most as many bytes as two small files have, and cuts the connection at more. */
function bounded(cut: () => void) {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size <= MAX_PROBE_OUTPUT) chunks.push(chunk);
      else cut();
      done();
    },
  });
  return { stream, overflowed: () => size > MAX_PROBE_OUTPUT, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Discards the command's error output, which is arbitrary text from the image. */
function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
