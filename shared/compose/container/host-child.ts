import type { ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { HostCommand, HostReport } from '../../local/host-process.ts';

/** Time that the functions host has to end by itself. */
const STOP_MS = 5_000;

/** The part of a child process that is used here. */
export interface HostChild
  extends Pick<EventEmitter, 'on' | 'once' | 'off'>,
    Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode' | 'connected' | 'kill'> {
  send(command: HostCommand, sent: () => void): boolean;
}

/** A functions host that is ready in a child process. */
export interface StartedHost {
  readonly url: string;
  readonly pid: number;
  /** Rejects when the process ends unexpectedly. */
  readonly failure: Promise<never>;
  /** Ends the process; safe to repeat. */
  stop(): Promise<void>;
  /** Runs a timer's function; resolves when it ends. */
  runTimer(name: string): Promise<void>;
}

/** Waits until the functions host of a child process is ready; ends the process when that fails. */
export async function hostOf(child: HostChild, stopMs = STOP_MS): Promise<StartedHost> {
  let stopping = false;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const force = setTimeout(() => child.kill('SIGKILL'), stopMs);
    if (child.connected) tell(child, { command: 'stop' });
    await ended;
    clearTimeout(force);
  };
  const failure = unexpectedEnd(ended, 'The functions host', () => stopping);
  try {
    const ready = await report(child, failure, ({ report }) => report === 'ready');
    const runTimer = async (name: string) => {
      const ran = report(child, failure, (said) => said.report === 'timer-ran' && said.name === name);
      tell(child, { command: 'run-timer', name });
      await ran;
    };
    return { url: ready.report === 'ready' ? ready.url : '', pid: child.pid ?? 0, failure, stop, runTimer };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Rejects when a process ends that is not being stopped; otherwise never settles. */
export async function unexpectedEnd(ended: Promise<void>, name: string, isStopping: () => boolean): Promise<never> {
  await ended;
  if (isStopping()) return new Promise<never>(() => undefined);
  throw new Error(`${name} ended unexpectedly.`);
}

/** A child that has just ended cannot receive messages; its end is reported elsewhere. */
function tell(child: HostChild, command: HostCommand): void {
  child.send(command, () => undefined);
}

/** Waits for a report of the host; a failure that it reports, or its end, rejects. */
function report(child: HostChild, failure: Promise<never>, wanted: (said: HostReport) => boolean): Promise<HostReport> {
  const heard = new Promise<HostReport>((done, fail) => {
    const listen = (said: HostReport) => {
      if (said.report !== 'failed' && !wanted(said)) return;
      child.off('message', listen);
      if (said.report === 'failed') fail(new Error(said.message));
      else done(said);
    };
    child.on('message', listen);
  });
  return Promise.race([heard, failure]);
}
