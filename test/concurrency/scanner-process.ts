import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import type { ScanCommand, ScanOrder, ScanReport } from './scanner.ts';

const SCANNER_FILE = resolve(import.meta.dirname, 'scanner.ts');

/** The outcome of a scan in another process. */
export type ScanEnd = Extract<ScanReport, { state: 'done' }>;

/** A process that scans on command. */
export interface Scanner {
  /** Makes it read a cluster; resolves after the read, to a function that lets it write. */
  look(order: ScanOrder): Promise<() => Promise<ScanEnd>>;
  stop(): Promise<void>;
}

/** Starts one with a storage account whose tables exist. */
export async function startScanner(connectionString: string): Promise<Scanner> {
  const child = fork(SCANNER_FILE, [connectionString], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await heard(child, 'ready');
  return {
    look: async (order) => {
      const looked = heard(child, 'looked');
      child.send({ scan: order } satisfies ScanCommand);
      await looked;
      return () => {
        const done = heard(child, 'done');
        child.send({ write: true } satisfies ScanCommand);
        return done;
      };
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

function heard<S extends ScanReport['state']>(child: ChildProcess, state: S): Promise<Extract<ScanReport, { state: S }>> {
  return new Promise((done, fail) => {
    const end = () => fail(new Error(`The scanner ended before it was ${state}.`));
    const listen = (report: ScanReport) => {
      if (report.state === 'failed') fail(new Error(report.message));
      else if (isOf(report, state)) done(report);
      else return;
      child.off('message', listen);
      child.off('exit', end);
    };
    child.on('message', listen);
    child.once('exit', end);
  });
}

function isOf<S extends ScanReport['state']>(report: ScanReport, state: S): report is Extract<ScanReport, { state: S }> {
  return report.state === state;
}
