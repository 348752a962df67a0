import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { ApiDependencies } from '../../../shared/http/framework/api.ts';
import { aKataNode, aPodGroup } from '../../support/a-snapshot.ts';
import { OBJECT_ID, principal, READER_KEY } from '../../support/access.ts';
import { PUSHED } from '../a-pushed-snapshot.ts';
import { ask, wrongFields } from '../client.ts';
import { anEstate, SUBSCRIPTION } from '../estate.ts';

const PATH = `/clusters/${SUBSCRIPTION}/rg/prod/snapshot`;
const SNAPSHOT = PUSHED;
const { cluster } = SNAPSHOT;
const DENIED = { code: 'denied', message: 'no' } as const;

const put = (body: string | Buffer, headers: Record<string, string> = {}, path = PATH) => {
  const estate = anEstate();
  const stream = new Blob([typeof body === 'string' ? body : new Uint8Array(body)]).stream();
  return ask(estate, path, { method: 'PUT', body: stream, headers });
};
const packed = (text: string) => gzipSync(text);
const GZIP = { 'content-encoding': 'gzip' };

describe('GET /clusters/…/snapshot', () => {
  const held = (assessment?: { readonly snapshot: typeof SNAPSHOT; readonly runs: []; readonly policyHash: string }) =>
    anEstate(
      {},
      { assessments: { put: () => Promise.reject(new Error('no')), get: async (id) => (id === cluster.id ? assessment : undefined) } },
    );

  it('returns the newest snapshot, and the policy that judged it', async () => {
    const answer = await ask(held({ snapshot: SNAPSHOT, runs: [], policyHash: 'a'.repeat(64) }), PATH);
    expect([answer.status, answer.json]).toEqual([200, { policyHash: 'a'.repeat(64), snapshot: SNAPSHOT }]);
  });

  it.each([PATH, PATH.replace('prod', 'other'), '/clusters/x/rg/prod/snapshot'])('answers 404 when none is stored: %s', async (path) => {
    expect((await ask(held(), path)).status).toBe(404);
  });

  it('is for readers', async () => {
    expect((await ask(held(), PATH, { headers: { 'x-functions-key': 'wrong' } })).status).toBe(401);
    expect((await ask(held(), PATH, { headers: { 'x-functions-key': READER_KEY } })).status).toBe(404);
  });
});

describe('PUT /clusters/…/snapshot', () => {
  it.each([
    ['unchanged', JSON.stringify(SNAPSHOT), {}],
    ['packed', packed(JSON.stringify(SNAPSHOT)), GZIP],
    ['collected with a kubeconfig', JSON.stringify({ ...SNAPSHOT, cluster: { ...cluster, id: 'kubeconfig:prod' } }), {}],
    [
      'that spells its cluster in other letters',
      JSON.stringify({ ...SNAPSHOT, cluster: { ...cluster, id: cluster.id.toUpperCase() } }),
      {},
    ],
    ['with a field of a later version', JSON.stringify({ ...SNAPSHOT, later: 1 }), {}],
  ])('accepts a snapshot %s', async (_, body, headers) => {
    const answer = await put(body, headers);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ clusterId: cluster.id, observedAt: SNAPSHOT.observedAt, assessment: 'assessed', changed: 2, gaps: [] });
  });

  it.each<[string, Awaited<ReturnType<ApiDependencies['recordSentLook']>>]>([
    ['what could not be read', { assessment: 'partly-assessed', changed: 0, gaps: [{ evidence: 'nodes', reason: DENIED }] }],
    ['that nothing was missing', { assessment: 'assessed', changed: 1 }],
  ])('tells the sender %s', async (_, recorded) => {
    const sent: unknown[] = [];
    const recordSentLook: ApiDependencies['recordSentLook'] = async (look) => {
      sent.push(look);
      return recorded;
    };
    const answer = await ask(anEstate({}, { recordSentLook }), PATH, { method: 'PUT', body: JSON.stringify(SNAPSHOT) });
    expect(answer.json).toEqual({ clusterId: cluster.id, observedAt: SNAPSHOT.observedAt, gaps: [], ...recorded });
    expect(sent).toEqual([{ clusterId: cluster.id, snapshot: SNAPSHOT }]);
  });

  it.each([
    ['of another cluster', { cluster: { ...cluster, id: `${cluster.id}2` } }, '/cluster/id'],
    ['of another version', { schemaVersion: 2 }, '/schemaVersion'],
    ['without its time', { observedAt: 'yesterday' }, '/observedAt'],
    ['with an invalid count', { workloads: observed([{ ...aPodGroup(), pods: -1 }]) }, '/workloads/value/0/pods'],
    ['with an invalid node', { nodes: observed([{ ...aKataNode(), ready: 'yes' }]) }, '/nodes/value/0/ready'],
    ['with an unknown reason', { nodes: { state: 'unavailable', reason: { code: 'fine', message: '' } } }, '/nodes/reason/code'],
  ])('refuses one %s, and names the field', async (_, over, field) => {
    const answer = await put(JSON.stringify({ ...SNAPSHOT, ...over }));
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
  });

  it('lists a limited number of faults', async () => {
    const answer = await put(JSON.stringify({ ...SNAPSHOT, nodes: observed(Array.from({ length: 500 }, () => ({}))) }));
    expect(wrongFields(answer)).toHaveLength(50);
  });

  it.each([
    ['too large', 'x'.repeat(8 * 1024 * 1024 + 1), {}, 413],
    ['too large when it is unpacked', packed(' '.repeat(64 * 1024 * 1024 + 1)), GZIP, 413],
    ['cut off', packed(JSON.stringify(SNAPSHOT)).subarray(0, 100), GZIP, 400],
    ['declared as compressed but not compressed', JSON.stringify(SNAPSHOT), GZIP, 400],
    ['packed otherwise', JSON.stringify(SNAPSHOT), { 'content-encoding': 'br' }, 415],
    ['not JSON', 'no', {}, 400],
    ['empty', '', {}, 400],
    ['of another type', JSON.stringify(SNAPSHOT), { 'content-type': 'text/plain' }, 415],
  ])('refuses a body that is %s', async (_, body, headers, status) => {
    expect((await put(body, headers)).status).toBe(status);
  });

  it('is for operators, and records which one sent it', async () => {
    const estate = anEstate();
    const body = JSON.stringify(SNAPSHOT);
    const refused = await ask(estate, PATH, { method: 'PUT', body, headers: { 'x-functions-key': READER_KEY } });
    expect(refused.status).toBe(403);
    expect(estate.asked).toEqual([]);
    await ask(estate, PATH, { method: 'PUT', body, headers: principal('Kataudit.Operator') });
    await ask(estate, PATH, { method: 'PUT', body });
    expect(estate.asked).toEqual([OBJECT_ID, undefined]);
  });

  it('reports that a newer scan is stored, and that a cluster name is invalid', async () => {
    const estate = anEstate({}, { recordSentLook: () => Promise.reject(new Fault('conflict', 'A newer look is stored.')) });
    expect(await ask(estate, PATH, { method: 'PUT', body: JSON.stringify(SNAPSHOT) })).toMatchObject({ status: 409 });
    expect((await put('{}', {}, '/clusters/no-guid/rg/prod/snapshot')).status).toBe(404);
  });
});
