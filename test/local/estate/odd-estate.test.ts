import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { isWholly, oddEstate } from '../../../shared/local/estate/odd-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { lookAtAll, plantedLines, verdictLines } from './look-at-all.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const estate = oddEstate('kataudit', NOW);
const clusters = estate.subscriptions.flatMap((one) => one.clusters);
const storage = createMemoryStorage();
let running: RunningEstate;
let snapshots: readonly ClusterSnapshot[];

beforeAll(async () => {
  running = await startEstate(estate);
  snapshots = await lookAtAll(running, storage);
});
afterAll(() => running.stop());

/** How a cluster's scan ended, and what it could not see. */
async function summaryOf(name: string) {
  const id = snapshots.find(({ cluster }) => cluster.name === name)?.cluster.id ?? expect.unreachable();
  return (await storage.findings.cluster(id)) ?? expect.unreachable();
}

describe('an audit of an estate with every odd answer at once', () => {
  it('sees every cluster, and finds exactly what each odd thing costs', () => {
    expect(snapshots).toHaveLength(clusters.length);
    expect(verdictLines(snapshots)).toEqual(plantedLines(estate));
  });

  it.each(clusters.filter(isWholly).map(({ name }) => name))('assesses %s whole: odd as it is, everything was said', async (name) => {
    const { assessment, gaps } = await summaryOf(name);
    expect({ assessment, gaps }).toEqual({ assessment: 'assessed', gaps: [] });
  });

  it.each([
    ['empty-size', 'agentPoolProfiles.kata.vmSize: expected a text, got an empty one'],
    ['odd-runtime', 'agentPoolProfiles.kata.workloadRuntime: expected a text, got a number'],
    ['odd-image', 'agentPoolProfiles.kata.nodeImageVersion: expected a text, got an object'],
    ['odd-state', 'agentPoolProfiles.kata.provisioningState: expected a text, got a list'],
    ['odd-state', 'agentPoolProfiles.kata.powerState: expected an object, got a text'],
    ['odd-channel', 'properties.autoUpgradeProfile.nodeOSUpgradeChannel: expected a text, got a number'],
    ['odd-version', 'properties.currentKubernetesVersion: expected a text, got a number'],
    ['odd-entra', 'properties.aadProfile: expected an object, got a text'],
    ['odd-tags', 'tags.cost: expected a text'],
    ['no-offer', 'names no latestNodeImageVersion: Azure offers the pool no image now'],
  ])('assesses %s but for %s', async (name, what) => {
    const { assessment, gaps } = await summaryOf(name);
    // Without Entra ID for sure no token is sent, so nothing of Kubernetes is seen either.
    expect(assessment).toBe(name === 'odd-entra' ? 'not-assessed' : 'partly-assessed');
    expect(gaps.map(({ reason }) => reason.message)).toContainEqual(expect.stringContaining(what));
  });

  it('covers every cluster of the estate', () => {
    expect(clusters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['good', 'hosted', 'vms-at-zero', 'aks-managed', 'other-variant']),
    );
    expect(clusters.filter((one) => !isWholly(one))).toHaveLength(9);
  });
});
