import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listAudits, startAudit } from '../../shared/cli/client/audits.ts';
import { clusters } from '../../shared/cli/client/clusters.ts';
import { sendApi } from '../../shared/cli/client/connection.ts';
import { endExemption, giveExemption, listExemptions, renewExemption } from '../../shared/cli/client/exemptions.ts';
import { findings } from '../../shared/cli/client/findings.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { aFinding, anEstate, aSummary } from '../http/estate.ts';
import { run } from '../support/command.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';
import { someSurroundings } from '../support/surroundings.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function anApp(parts: Parameters<typeof anEstate>[0], over: Parameters<typeof anEstate>[1] = {}, key?: string): Promise<ServedApi> {
  const api = await serveApi(anEstate(parts, over), key);
  open.push(api);
  return api;
}

/** A server that gives one answer to every request, except the request for its version. */
async function aServer(status: number, headers: Record<string, string>, body = '', version = '9.9.9'): Promise<string> {
  const server: Server = createServer((request, response) => {
    if (request.url?.endsWith('/openapi.json')) response.end(JSON.stringify({ info: { version } }));
    else response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push({ stop: () => new Promise((done) => server.close(() => done())) });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Long enough for a valid key. */
const KEY = 'k'.repeat(43);
const two = [
  aFinding({ severity: 'low' }),
  aFinding({ severity: 'critical', subject: { kind: 'node', name: 'n1' }, clusterName: 'other' }),
];

describe('kataudit findings', () => {
  it('lists the findings of all pages, most severe first, and exits with 1', async () => {
    const many = Array.from({ length: 450 }, (_, at) => aFinding({ subject: { kind: 'node', name: `n${at}` } }));
    const { url } = await anApp({ findings: [...many, ...two] });
    const here = someSurroundings();
    expect(await findings(here, { url, status: 'open' })).toBe(1);
    expect(here.out().split('\n')[1]).toMatch(/^critical +other +/);
    expect(here.out()).toMatch(/452 findings\.$/);
  });

  it('sends its filters, and exits with 0 when no finding matches', async () => {
    const { url } = await anApp({ findings: two });
    const here = someSurroundings();
    expect(await findings(here, { url, status: 'open', severity: ['high'], filter: ['q=nothing'] })).toBe(0);
    expect(here.out()).toBe('No findings.');
  });

  it('prints what the app refuses', async () => {
    const { url } = await anApp({ findings: two });
    await expect(findings(someSurroundings(), { url, status: 'open', severity: ['worst'] })).rejects.toThrow(/refused: .*severity/);
  });
});

describe('kataudit clusters', () => {
  it('exits with 2 when a cluster could not be read completely, and says why', async () => {
    const gaps = [{ evidence: 'nodes', reason: { code: 'denied', message: 'May not list nodes.' } }] as const;
    const summaries = [aSummary('whole', []), aSummary('blind', [], { assessment: 'partly-assessed', gaps })];
    const { url } = await anApp({ summaries });
    const here = someSurroundings();
    expect(await clusters(here, { url })).toBe(2);
    expect(here.out()).toMatch(/^blind +present +partly-assessed .*May not list nodes\.$/m);
    const { url: whole } = await anApp({ summaries: [aSummary('whole', [])] });
    expect(await clusters(someSurroundings(), { url: whole })).toBe(0);
  });
});

describe('kataudit audits', () => {
  const audit = { id: 'a1', startedAt: '2026-11-23T06:00:00.000Z', cause: 'request', subscriptions: [] } as const;

  it('start waits until the audit has ended, and list shows it', async () => {
    const report = { audit, subscriptions: [], clusters: [] };
    const audits = { ...anEstate({ audits: [audit] }).audits, get: async () => report };
    const { url } = await anApp({ audits: [audit] }, { audits, startAudit: async () => audit });
    const here = someSurroundings();
    expect(await startAudit(here, { url, wait: true, timeout: 60 })).toBe(0);
    expect(here.out()).toMatch(/^Audit a1: complete, 0 of 0 clusters scanned/);
    expect(await listAudits(here, { url })).toBe(0);
    expect(here.out()).toMatch(/^a1 +2026-11-23T06:00:00\.000Z +request/m);
  });
});

describe('kataudit exemptions', () => {
  const GIVEN = {
    rule: 'node-image-current',
    reason: 'Freeze.',
    approvedBy: 'platform',
    expiresOn: '2099-01-31',
    category: 'waiver',
    cluster: 'prod',
  } as const;

  it('are created, renewed and deleted, and creating one never replaces another', async () => {
    const { exemptions } = createMemoryStorage();
    const { url } = await anApp({ findings: [aFinding()] }, { exemptions });
    const here = someSurroundings();
    expect(await giveExemption(here, 'freeze', { url, ...GIVEN })).toBe(0);
    await expect(giveExemption(here, 'freeze', { url, ...GIVEN })).rejects.toThrow(/refused/);
    expect(await renewExemption(here, 'freeze', { url, expiresOn: '2099-02-28' })).toBe(0);
    expect(await listExemptions(here, { url })).toBe(0);
    expect(here.out()).toMatch(/^live +freeze +node-image-current +1 +2099-03-01\S+ +api +Freeze\.$/m);
    expect(await endExemption(here, 'freeze', { url })).toBe(0);
    await expect(endExemption(here, 'freeze', { url })).rejects.toThrow(/no such exemption|no exemption/i);
  });
});

describe('an unusable answer is explained', () => {
  it.each([
    [
      'a sign-in page',
      302,
      { location: 'https://login.microsoftonline.com/x' },
      /requires an Entra ID sign-in: `az login`, and --audience/,
    ],
    ['a redirect elsewhere', 301, { location: 'https://evil.example/x' }, /redirects to evil\.example\. Redirects are not followed/],
    ['401 without a body', 401, {}, /requires a key .* or a sign-in/],
    [
      '401 with a message',
      401,
      { 'content-type': 'application/problem+json' },
      /refused: no key\. It requires a key \(--key-file, KATAUDIT_KEY\)/,
      '{"detail":"no key."}',
    ],
    ['a server error', 502, {}, /answered with status 502/],
    ['another API', 404, {}, /status 404\. The app is version 9\.9\.9 and this is 0\.1\.0/],
  ])('%s', async (_, status, headers, message, body = '') => {
    const url = await aServer(status, headers as Record<string, string>, body);
    await expect(sendApi({ url }, 'GET', 'findings')).rejects.toThrow(message);
  });

  it('an answer in another format, with the version of the app', async () => {
    const url = await aServer(200, {}, '{"value":[{"id":1}]}');
    await expect(findings(someSurroundings(), { url, status: 'open' })).rejects.toThrow(/cannot read\. The app is version 9\.9\.9/);
  });

  it.each(['ftp://x', 'nonsense', 'https://user:secret@app.example'])('the address %s, without its secrets', async (url) => {
    const failed = sendApi({ url }, 'GET', 'findings');
    await expect(failed).rejects.toThrow(/--url must be the address of an app/);
    await expect(failed).rejects.not.toThrow(/secret/);
  });

  it('a key or token is not sent without TLS', async () => {
    await expect(sendApi({ url: 'http://app.example', audience: 'api://x' }, 'GET', 'findings')).rejects.toThrow(/sent only over https/);
  });
});

it('a severity is accepted in any case, and another word is refused', async () => {
  const { url } = await anApp({ findings: two });
  const found = await run(['findings', '--severity', 'CRITICAL', '--severity', 'High'], { KATAUDIT_URL: url });
  expect([found.code, found.out]).toEqual([1, expect.stringMatching(/^critical +other[\s\S]*1 finding\./m)]);
  const wrong = await run(['findings', '--severity', 'worst'], { KATAUDIT_URL: url });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('It must be one of critical, high, medium, low, info.')]);
});

it('the address and the key can come from the environment', async () => {
  const { url } = await anApp({ findings: two }, {}, KEY);
  const wrong = await run(['findings'], { KATAUDIT_URL: url, KATAUDIT_KEY: 'another' });
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/refused: The key is not valid for this app/)]);
  const { code, out, err } = await run(['findings', '-o', 'json'], { KATAUDIT_URL: url, KATAUDIT_KEY: KEY });
  expect(err).toBe('');
  expect([code, JSON.parse(out)]).toEqual([1, expect.arrayContaining([expect.objectContaining({ clusterName: 'other' })])]);
});
