import { describe, expect, it } from 'vitest';
import { clusterAccesses } from '../../../shared/compose/container/cluster-access.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import { aCluster, someSettings } from '../../support/a-snapshot.ts';

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://c.example:443', certificate-authority-data: ${Buffer.from('ca').toString('base64')} } }]
`;
const listed = { cluster: aCluster(), settings: someSettings(), nodePools: observed([]) };
const headerOf = async ({ credentials }: { credentials: (renew: boolean, signal: AbortSignal) => Promise<{ headers?: unknown }> }) =>
  (await credentials(false, new AbortController().signal)).headers;

describe('access to a cluster', () => {
  it('uses the identity of the audit and the identity of the probe, with one request to Azure for both', async () => {
    let asked = 0;
    const accessesOf = clusterAccesses(async () => {
      asked += 1;
      return { kubeconfig: KUBECONFIG, hosts: ['c.example'], token: async () => 'auditor', probeToken: async () => 'prober' };
    });
    const { audit } = await accessesOf(listed, new AbortController().signal);
    const { probe } = await accessesOf(listed, new AbortController().signal);

    expect(await headerOf(audit)).toEqual({ authorization: 'Bearer auditor' });
    expect(await headerOf(probe)).toEqual({ authorization: 'Bearer prober' });
    expect(asked).toBe(1);
  });
});
