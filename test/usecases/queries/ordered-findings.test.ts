import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES, type Severity } from '../../../shared/domain/policy/severity.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { FindingStore } from '../../../shared/ports/finding-store.ts';
import { pagesOf } from '../../../shared/usecases/queries/ordered-findings.ts';
import { ask, listOf, wrongFields } from '../../http/client.ts';
import { aFinding, anEstate } from '../../http/estate.ts';

const ofSeverities = (severities: readonly Severity[]) =>
  severities.map((severity, at) => aFinding({ severity, subject: { kind: 'node', name: `n${at}` } }));

/** Follows the pages of a list; every page but the last is full. */
async function walk(estate: ReturnType<typeof anEstate>, path: string): Promise<readonly { id: unknown; severity: unknown }[]> {
  const top = Number(/top=(\d+)/.exec(path)?.[1]);
  const found: { id: unknown; severity: unknown }[] = [];
  for (let link: string | undefined = path; link !== undefined; ) {
    const page = listOf(await ask(estate, link));
    found.push(...page.value.map(({ id, severity }) => ({ id, severity })));
    link = page.nextLink;
    if (link === undefined) expect(page.value.length).toBeLessThanOrEqual(top);
    else expect(page.value).toHaveLength(top);
  }
  return found;
}

const rank = (severity: unknown) => SEVERITIES.map(String).indexOf(String(severity));

describe('findings by severity', () => {
  it('are sorted most or least severe first, by id within a severity, each once, with any page size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...SEVERITIES), { maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        async (severities, top) => {
          const estate = anEstate({ findings: ofSeverities(severities) });
          const byId = sortedById(severities);
          const worst = byId.toSorted((a, b) => rank(a.severity) - rank(b.severity));
          const least = byId.toSorted((a, b) => rank(b.severity) - rank(a.severity));

          expect(await walk(estate, `/findings?orderby=severity%20desc&top=${top}`)).toEqual(worst);
          expect(await walk(estate, `/findings?orderby=severity+asc&top=${top}`)).toEqual(least);
          expect(await walk(estate, `/findings?orderby=id&top=${top}`)).toEqual(byId);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are only those of the requested severities', async () => {
    const estate = anEstate({ findings: ofSeverities(['low', 'critical', 'info', 'high', 'critical']) });
    const found = await walk(estate, '/findings?orderby=severity%20desc&severity=critical,info&top=1');

    expect(found.map(({ severity }) => severity)).toEqual(['critical', 'critical', 'info']);
  });

  it.each(['severity', 'severity down', 'message', ''])('refuse the order %j', async (order) => {
    const answer = await ask(anEstate(), `/findings?orderby=${encodeURIComponent(order)}`);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['orderby']);
  });

  it.each(['nonsense', 'terrible:x', ':', 'low', 'high:not-an-id'])('refuse the cursor %j', async (cursor) => {
    const { findings } = createMemoryStorage();
    await expect(pagesOf(findings, {}, 'severity desc')(1, cursor)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('are read with one call for a page that one severity fills, and the next page begins after it', async () => {
    const asked: unknown[] = [];
    const list: FindingStore['list'] = async ({ severity }, top, after) => {
      asked.push([severity, top, after]);
      return { value: ofSeverities(Array<Severity>(top).fill('critical')) };
    };
    const page = pagesOf({ list }, {}, 'severity desc');
    expect((await page(2, undefined)).next).toBe('high:');
    await page(2, 'high:');
    expect(asked).toEqual([
      [['critical'], 2, undefined],
      [['high'], 2, undefined],
    ]);
    await expect(page(2, 'highx')).rejects.toMatchObject({ code: 'malformed' });
  });

  it('accept only a cursor of the same order', async () => {
    const estate = anEstate({ findings: ofSeverities(['low', 'critical']) });
    const { nextLink = '' } = listOf(await ask(estate, '/findings?orderby=severity%20desc&top=1'));
    const answer = await ask(estate, nextLink.replace('severity+desc', 'id').replace('severity%20desc', 'id'));

    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(['cursor']);
  });
});

function sortedById(severities: readonly Severity[]) {
  return ofSeverities(severities)
    .map(({ id, severity }) => ({ id, severity }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
