import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { RunningEstate } from '../../shared/local/estate/server.ts';
import type { HostCommand, HostReport } from '../../shared/local/host-process.ts';

const HOST_FILE = resolve(import.meta.dirname, '../../shared/local/host-process.ts');

/** How long the messages of a killed host stay hidden. It must be long enough for a busy machine to renew in time. Every round waits for it. */
const LEASE_SECONDS = 4;

/** The local functions host in a separate process that can be killed. */
export interface MortalHost {
  /** Runs the timer that starts an audit; rejects when the host dies before it is done. */
  startAudit(): Promise<void>;
  /** Kills the process with SIGKILL, which finishes nothing. */
  kill(): void;
  readonly died: Promise<void>;
}

/** Starts the host over an estate and a storage account, and waits until it serves. */
export async function startMortalHost(estate: RunningEstate, caFile: string, connectionString: string): Promise<MortalHost> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KATAUDIT_')));
  const env = {
    ...inherited,
    KATAUDIT_SCHEDULE: '0 0 0 1 1 *',
    KATAUDIT_SETTLE_SECONDS: '1',
    KATAUDIT_JITTER_SECONDS: '0',
    KATAUDIT_SUBSCRIPTIONS: estate.estate.subscriptions.map(({ id }) => id).join(','),
    KATAUDIT_ARM_ENDPOINT: estate.armEndpoint,
    KATAUDIT_ACCESS_TOKEN: estate.token,
    AzureWebJobsStorage: connectionString,
    NODE_EXTRA_CA_CERTS: caFile,
    LOCAL_PORT: '0',
    LOCAL_LEASE_SECONDS: String(LEASE_SECONDS),
  };
  const child = fork(HOST_FILE, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const died = new Promise<void>((done) => child.once('exit', () => done()));
  const heard = (report: HostReport['report']) =>
    new Promise<void>((done, fail) => {
      child.on('message', (said: HostReport) => {
        if (said.report === report) done();
        if (said.report === 'failed') fail(new Error(said.message));
      });
      child.once('exit', () => fail(new Error('The host died.')));
    });
  await heard('ready');
  return {
    startAudit: () => {
      const ran = heard('timer-ran');
      // A command to a dead host is lost; `ran` reports the death.
      child.send({ command: 'run-timer', name: 'plan-audit' } satisfies HostCommand, () => undefined);
      return ran;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    died,
  };
}
