import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyFromText } from '../../shared/compose/container/policy.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { PUSHED } from '../http/a-pushed-snapshot.ts';
import { anEstate, aSummary } from '../http/estate.ts';
import { aPlainPodGroup } from '../support/a-snapshot.ts';
import { run } from '../support/command.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';

const KEY = 'k'.repeat(43);
const IN_FORCE = 'version: 1\nworkloads: []\n';
const STRICTER = "version: 1\nworkloads: [{ name: all, namespaces: ['*'] }]\n";
const PLAIN = { ...PUSHED, workloads: observed([aPlainPodGroup({ namespace: 'shop', ownerName: 'bare' })]) };
let folder: string;
let api: ServedApi;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-preview-'));
  for (const [name, text] of Object.entries({ 'now.yaml': IN_FORCE, 'new.yaml': STRICTER })) await writeFile(at(name), text);
  const { hash } = await policyFromText(IN_FORCE, 'now.yaml');
  const summaries = [aSummary('prod', []), aSummary('unseen', []), aSummary('gone', [], { status: 'deleted' })];
  const assessments = {
    put: () => Promise.reject(new Error('nothing is stored here')),
    get: async (id: string) => (id === PLAIN.cluster.id ? { snapshot: PLAIN, runs: [], policyHash: hash } : undefined),
  };
  api = await serveApi(anEstate({ summaries }, { assessments }), KEY);
});
afterAll(async () => {
  expect(api.bugs).toEqual([]);
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

const preview = (...args: readonly string[]) => run(['policy', 'preview', ...args], { KATAUDIT_URL: api.url, KATAUDIT_KEY: KEY });

describe('kataudit policy preview of a running app', () => {
  it('judges the stored snapshots by both policies, and names the clusters without one', async () => {
    const { out } = await preview(at('new.yaml'), '--policy', at('now.yaml'), '-o', 'json');
    const { findings, missing } = JSON.parse(out);
    expect(findings).toContainEqual(
      expect.objectContaining({ state: 'opened', finding: expect.objectContaining({ ruleId: 'workload-sandboxed', clusterName: 'prod' }) }),
    );
    expect(missing).toEqual(['unseen']);
  });

  it('exits with 2 when no finding would open and some snapshots are missing', async () => {
    const { code, out } = await preview(at('now.yaml'), '--policy', at('now.yaml'));
    expect([code, out]).toEqual([2, expect.stringMatching(/^0 opened[\s\S]*No longer scanned: unseen\.\n$/)]);
  });

  it('exits with 1 when a finding of that severity would open', async () => {
    const { code, out } = await preview(at('new.yaml'), '--policy', at('now.yaml'), '--fail-on', 'info');
    expect([code, out]).toEqual([1, expect.stringMatching(/^[1-9]\d* opened, 0 resolved/)]);
  });

  it('compares only with the policy in force', async () => {
    const { code, out, err } = await preview(at('new.yaml'));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/The app judged prod by a different policy than the one you compare with. Give the policy in force with --policy/);
  });

  it.each([
    ['a wrong key', ['--key', 'wrong'], /refused: /],
    ['an app that does not answer', ['--url', 'http://127.0.0.1:1'], /No app answers/],
  ])('exits with 2 and one sentence for %s', async (_, args, message) => {
    const { code, out, err } = await preview(at('new.yaml'), '--policy', at('now.yaml'), ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});
