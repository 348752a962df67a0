import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../shared/ports/audit-store.ts';
import { AUDIT_LIMIT_MS } from '../../../shared/usecases/audit-outcome.ts';
import { ask } from '../client.ts';
import { anEstate, aSummary, NOW, SUBSCRIPTION } from '../estate.ts';

const anAudit = (id: string, agoMs: number, over: Partial<AuditRecord> = {}): AuditRecord => ({
  id,
  startedAt: new Date(Date.parse(NOW) - agoMs).toISOString(),
  cause: 'timer',
  subscriptions: [SUBSCRIPTION],
  ...over,
});
const pageOf = async (audits: readonly AuditRecord[], path: string) =>
  (await ask(anEstate({ summaries: [aSummary('prod', [])], audits }), path, { headers: { accept: 'text/html' } })).text;

describe('an audit that has just begun', () => {
  it.each(['/dashboard', '/dashboard/audits', '/dashboard/audit?id=a'])('is followed on %s from its first second', async (path) => {
    const html = await pageOf([anAudit('a', 0)], path);
    expect(html).toContain('data-live="/api/audits/a"');
    expect(html).toContain('listing the clusters');
    expect(html).not.toContain('0 of 0');
    expect(html).not.toContain('Every planned cluster was fully scanned');
  });
});

describe('an audit whose time is up', () => {
  const stuck = anAudit('a', AUDIT_LIMIT_MS + 1_000);

  it('is reported on the page of the estate, with a link, and not followed forever', async () => {
    const html = await pageOf([stuck], '/dashboard');
    expect(html).toMatch(/role="alert">.*href="[^"]*\/audit\?id=a"/);
    expect(html).not.toMatch(/data-live="[^"]/);
  });

  it.each(['/dashboard/audits', '/dashboard/audit?id=a'])('is incomplete on %s, and not followed for ever', async (path) => {
    const html = await pageOf([stuck], path);
    expect(html).toContain('>incomplete<');
    expect(html).not.toContain('Every planned cluster was fully scanned');
    expect(html).not.toMatch(/data-live="[^"]/);
  });

  it('still runs a second before', async () => {
    expect(await pageOf([anAudit('a', AUDIT_LIMIT_MS - 1_000)], '/dashboard')).toContain('data-live="/api/audits/a"');
  });
});

describe('the page of an audit', () => {
  const audits = [anAudit('c', 1_000), anAudit('chosen', 2_000, { clusters: ['x'] }), anAudit('b', 3_000), anAudit('a', 4_000)];
  const offered = (html: string) => [...html.matchAll(/<option value="(\w+)"( selected)?/g)].map(([, id = '', is = '']) => `${id}${is}`);

  it.each([
    ['?id=c', ['b selected', 'a']],
    ['?id=c&from=a', ['b', 'a selected']],
    ['?id=b', ['a selected']],
    ['?id=a', []],
  ])('compares it with any earlier one of the whole estate: %s', async (query, expected) => {
    expect(offered(await pageOf(audits, `/dashboard/audit${query}`))).toEqual(expected);
  });

  it('offers an audit that was asked for, however many lie between', async () => {
    const many = Array.from({ length: 120 }, (_, at) => anAudit(`a${at}`, at * 1_000));
    const ids = offered(await pageOf(many, '/dashboard/audit?id=a0&from=a119'));
    expect(ids).toHaveLength(51);
    expect(ids.at(-1)).toBe('a119 selected');
  });
});
