import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin'];
const find = (name: string) => FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));

/** The paths of Prometheus' two programs, or `undefined`, which skips the tests with a real Prometheus. */
export const PROMETHEUS = find('prometheus');
export const PROMTOOL = find('promtool');

if (PROMETHEUS === undefined || PROMTOOL === undefined) {
  console.warn('The tests on a real Prometheus are skipped: install it (`apt-get install prometheus`).');
}

/** Runs promtool; `said` is its whole output. */
export function promtool(args: readonly string[], input = ''): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(PROMTOOL ?? '', args, { input, encoding: 'utf8', timeout: 60_000 });
  return { code: status, said: `${stdout}${stderr}` };
}

const answerShape = z.object({ status: z.string(), data: z.unknown(), error: z.string().optional() });

/** A running Prometheus. */
export interface RunningPrometheus {
  /** Calls its HTTP API; throws its error. */
  ask(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts Prometheus with a configuration file and waits until it is ready. */
export async function startPrometheus(configFile: string, dataFolder: string, port: number): Promise<RunningPrometheus> {
  const address = `127.0.0.1:${port}`;
  const child = spawn(
    PROMETHEUS ?? '',
    [`--config.file=${configFile}`, `--storage.tsdb.path=${dataFolder}`, `--web.listen-address=${address}`, '--log.level=info'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  let said = '';
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server is ready to receive web requests')) done();
    });
    child.once('exit', () => fail(new Error(`Prometheus ended: ${said}`)));
  });
  return {
    ask: async (path, parameters = {}) => {
      const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
      const answer = answerShape.parse(await response.json());
      if (answer.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`);
      return answer.data;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
