import { describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../../shared/http/framework/api.ts';
import { serve } from '../../../shared/http/framework/serve.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { aWorld, OPERATOR_KEY } from '../../support/access.ts';
import { read } from '../client.ts';
import { aFinding, anEstate, NOW } from '../estate.ts';

const EVIL = 'https://evil.example';
const findings = Array.from({ length: 3 }, (_, index) => aFinding({ subject: { kind: 'node', name: `n${index}` } }));

/** Sends a request with a forged host, also as a forwarded host. */
async function askAs(url: string, name: string, method = 'GET', over: Partial<ApiDependencies> = {}, params = {}) {
  const route = ROUTES.find((one) => one.name === name) ?? expect.fail(name);
  const headers = new Headers({ 'x-functions-key': OPERATOR_KEY, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' });
  const audits = [1, 2, 3].map((n) => ({ id: `a${n}`, startedAt: NOW, cause: 'timer' as const, subscriptions: [] }));
  const world = aWorld(async () => anEstate({ findings, audits }, over));
  return read(await serve(route, world, { method, url, headers, params }));
}

describe('a forged host', () => {
  it('is in no link to the next page', async () => {
    const answer = await askAs(`${EVIL}/api/findings?top=1&severity=high&code=k`, 'list-findings');
    expect(answer.json).toMatchObject({ nextLink: expect.stringMatching(/^\/api\/findings\?top=1&severity=high&cursor=/) });
    expect(answer.text).not.toContain('evil.example');
  });

  it('is not reached by a path that begins with two slashes', async () => {
    const answer = await askAs(`${EVIL}//evil.example/api/audits?top=1`, 'list-audits');
    expect(answer.json).toMatchObject({ nextLink: expect.stringMatching(/^\/evil\.example\/api\/audits\?/) });
  });

  it('is not in the location of a started audit', async () => {
    expect((await askAs(`${EVIL}/api/audits`, 'post-audit', 'POST')).headers.location).toBe('/api/audits/audit-9');
  });

  it.each([
    [{ publicUrl: 'https://audit.example' }, 'https://audit.example/api/dashboard/rules#'],
    [{}, 'https://learn.microsoft.com/'],
  ])('is in no document: the setting %j gives the link %s', async (over, address) => {
    const { text } = await askAs(`${EVIL}/api/exports/sarif`, 'get-export', 'GET', over, { format: 'sarif' });
    expect(text).toContain(`"helpUri":"${address}`);
    expect(text).not.toContain('evil.example');
  });

  it('is on no page', async () => {
    expect((await askAs(`${EVIL}/api/dashboard`, 'get-dashboard')).text).not.toContain('evil.example');
  });
});
