import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { isWholly, ODD_ENTRIES, oddEstate } from '../../../shared/local/estate/odd-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { reactToEvent } from '../../../shared/usecases/react-to-event.ts';
import { azureOf, lookAtAll, plantedLines, verdictLines } from './look-at-all.ts';

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

/** The outcome of a cluster's scan, and what it could not read. */
async function summaryOf(name: string) {
  const id = snapshots.find(({ cluster }) => cluster.name === name)?.cluster.id ?? expect.unreachable();
  return (await storage.findings.cluster(id)) ?? expect.unreachable();
}

describe('an audit of an estate with every unusual answer at once', () => {
  it('scans every cluster, and reports exactly the effect of each unusual answer', () => {
    expect(snapshots).toHaveLength(clusters.length);
    expect(verdictLines(snapshots)).toEqual(plantedLines(estate));
  });

  it.each(clusters.filter(isWholly).map(({ name }) => name))('assesses %s completely, because all its data is readable', async (name) => {
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
    ['locked', 'A read-only lock is on the resource, its resource group or its subscription'],
    ['no-profile', 'Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles/read'],
    ['no-offer', 'has no latestNodeImageVersion: Azure currently offers the pool no image'],
  ])('assesses %s except %s', async (name, what) => {
    const { assessment, gaps } = await summaryOf(name);
    // No token is sent unless Entra ID is certain, so nothing is read from Kubernetes either.
    expect(assessment).toBe(['odd-entra', 'locked'].includes(name) ? 'not-assessed' : 'partly-assessed');
    expect(gaps.map(({ reason }) => reason.message)).toContainEqual(expect.stringContaining(what));
  });

  it('lists every cluster among invalid entries, and reports the list as incomplete', async () => {
    const { clusters: listed, incomplete } = await azureOf(running).listClusters(
      estate.subscriptions[0]?.id ?? '',
      AbortSignal.timeout(20_000),
    );
    expect(listed.map(({ name }) => name)).toEqual(clusters.map(({ name }) => name));
    expect(incomplete).toMatchObject({ code: 'malformed', message: expect.stringContaining(`such entries: ${ODD_ENTRIES.length}`) });
  });

  it('forgets notices of events that Azure contradicts, and those about another version', async () => {
    const later = new Date(NOW.getTime() + 20 * 60_000);
    const ofGood = snapshots.find(({ cluster }) => cluster.name === 'good')?.cluster.id ?? expect.unreachable();
    const heard = [
      { kind: 'rolling-failed', nodePool: 'kata', at: NOW.toISOString() },
      { kind: 'rolling-started', nodePool: 'system', at: '2030-01-01T00:00:00.000Z' },
      { kind: 'support-ended', kubernetesVersion: '1.23.15', at: NOW.toISOString() },
    ] as const;
    for (const event of heard) {
      const { events, messages } = storage;
      await reactToEvent({ events, messages, settleSeconds: 0, clock: () => NOW }, { id: event.kind, clusterId: ofGood, ...event });
    }
    const linesOf = async (at: Date) =>
      verdictLines((await lookAtAll(running, storage, at)).filter(({ cluster }) => cluster.id === ofGood));
    expect(await linesOf(new Date(NOW.getTime() + 60_000))).toEqual([
      'good kata-pool-healthy fail node-pool/kata',
      'good node-image-consistent unknown node-pool/system',
      'good node-image-current unknown node-pool/system',
      'good node-image-supported unknown node-pool/system',
    ]);
    expect(await linesOf(later)).toEqual([]);
  });

  it('covers every cluster of the estate', () => {
    expect(clusters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['good', 'hosted', 'vms-at-zero', 'aks-managed', 'other-variant']),
    );
    expect(clusters.filter((one) => !isWholly(one))).toHaveLength(11);
  });
});
