import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';
import { anEstate, clusterIdOf } from '../http/estate.ts';
import { run as command, type Ended } from '../support/command.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';

const KEY = 'k'.repeat(43);
const ID = clusterIdOf('pay');
let running: RunningEstate;
let folder: string;
let api: ServedApi;
let sent: { readonly clusterId: string; readonly snapshot: { readonly workloads: { readonly state: string } } }[];
let gaps: readonly { readonly evidence: 'workloads'; readonly reason: { readonly code: 'denied'; readonly message: string } }[];
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  running = await startEstate(defaultEstate('push', new Date()));
  folder = await mkdtemp(join(tmpdir(), 'kataudit-push-'));
  await writeFile(at('config'), running.kubeconfigFor('pay-prod-neu'));
  sent = [];
  gaps = [];
  const recordSentLook = async (look: (typeof sent)[number]) => {
    sent.push(look);
    return { assessment: gaps.length === 0 ? 'assessed' : 'partly-assessed', changed: 2, gaps };
  };
  api = await serveApi(anEstate({}, { recordSentLook }), KEY);
});
afterAll(async () => {
  expect(api.bugs).toEqual([]);
  await api.stop();
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<Ended> =>
  command(['collect', '--kubeconfig', at('config'), ...args], { KATAUDIT_URL: api.url, KATAUDIT_KEY: KEY });

describe('kataudit collect --push', () => {
  it('sends the snapshot for the named cluster, and does not print it', async () => {
    expect(await run('--push', ID)).toEqual({ code: 0, err: '', out: 'The app stored the scan of pay: assessed, 2 findings changed.\n' });
    expect(sent).toMatchObject([{ clusterId: ID, snapshot: { schemaVersion: 1, workloads: { state: 'observed' } } }]);
  });

  it('also saves it with --output, prints the gaps that the app reports, and exits with 2', async () => {
    gaps = [{ evidence: 'workloads', reason: { code: 'denied', message: '403 on pods' } }];
    const { code, out } = await run('--push', ID, '--output', at('saved.json'));
    expect([code, out]).toEqual([2, expect.stringMatching(/partly-assessed.*\n\nNOT COLLECTED +WHY\nworkloads +403 on pods\n$/)]);
    expect(JSON.parse(await readFile(at('saved.json'), 'utf8'))).toEqual(sent.at(-1)?.snapshot);
  });

  it('sends a saved snapshot, from a file or standard input, without reading a cluster', async () => {
    const bare = (...args: readonly string[]) => command(['collect', ...args], { KATAUDIT_URL: api.url, KATAUDIT_KEY: KEY, HOME: folder });
    gaps = [];
    await run('--output', at('saved.json'));
    expect(await bare('--snapshot', at('saved.json'), '--push', ID)).toMatchObject({
      code: 0,
      out: expect.stringContaining('stored the scan'),
    });
    expect(sent.at(-1)).toEqual({ clusterId: ID, snapshot: JSON.parse(await readFile(at('saved.json'), 'utf8')), sentBy: undefined });
    expect(await bare('--snapshot', at('saved.json'), '--push')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/collected without Azure/),
    });
  });

  it.each([
    ['no address of the app', ['--snapshot', 'x'], /--snapshot needs --push/],
    ['a cluster to scan as well', ['--snapshot', 'x', '--push', ID, '--context', 'c'], /cannot be combined with --kubeconfig/],
    ['a file that does not exist', ['--snapshot', '/no/such', '--push', ID], /Cannot read \/no\/such/],
    ['a file that is not a snapshot', ['--snapshot', 'package.json', '--push', ID], /Not a saved snapshot: package\.json/],
  ])('of a saved snapshot exits with 2 and one sentence for %s', async (_, args, message) => {
    const { code, out, err } = await command(['collect', ...args], { KATAUDIT_URL: api.url, KATAUDIT_KEY: KEY });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it.each([
    ['no cluster', ['--push'], /--push needs the ARM id/],
    ['an id that is not a cluster', ['--push', 'pay'], /--push must be the ARM id of an AKS cluster, not "pay"/],
    ['a wrong key', ['--push', ID, '--key', 'wrong'], /refused: /],
  ])('exits with 2 and one sentence for %s', async (_, args, message) => {
    const before = sent.length;
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(sent).toHaveLength(before);
  });
});
