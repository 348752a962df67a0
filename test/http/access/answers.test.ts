import { describe, expect, it } from 'vitest';
import { KEYS_ALONE, OPERATOR_KEY, READER_KEY } from '../../support/access.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate } from '../estate.ts';

const BODY_LIMIT = 65_536;

describe('an answer', () => {
  it.each(['/findings', '/summary', '/exports/csv', '/dashboard', '/audits', '/health'])(
    'to %s is never cached by a proxy',
    async (path) => {
      const { headers } = await ask(anEstate({ findings: [aFinding()] }), path);
      expect(headers['cache-control']).toMatch(/^(?:no-store|private, no-cache)$/);
    },
  );

  it.each([
    [BODY_LIMIT, 400],
    [BODY_LIMIT + 1, 413],
  ])('to a body of %i bytes is %i', async (size, status) => {
    // The body is JSON but not an audit: it is refused for its content when it is read, and for its size when it is too large.
    const body = JSON.stringify('x'.repeat(size - 2));
    expect(Buffer.byteLength(body)).toBe(size);
    expect((await ask(anEstate(), '/audits', { method: 'POST', body })).status).toBe(status);
  });

  it.each(['/dashboard', '/dashboard/audits', '/dashboard/exemptions', '/dashboard/parked'])(
    'of the page %s offers a reader no action that only an operator may take',
    async (path) => {
      const parked = [{ id: 'abc', queue: 'scans', body: '{}', reason: 'r', parkedAt: '2026-11-23T06:00:00.000Z', dequeueCount: 5 }];
      const shown = async (key: string) => {
        const headers = { 'x-functions-key': key, accept: 'text/html' };
        return (await ask(anEstate({ parked, findings: [aFinding()] }), path, { headers, rules: KEYS_ALONE })).text;
      };
      const writes = (page: string) => [...page.matchAll(/data-method="(\w+)"/g)].length;
      expect(writes(await shown(READER_KEY))).toBe(0);
      if (path === '/dashboard/parked') expect(writes(await shown(OPERATOR_KEY))).toBeGreaterThan(0);
    },
  );
});
