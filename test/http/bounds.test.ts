import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import { serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import type { FindingFilter } from '../../shared/ports/finding-store.ts';
import { aWorld, OPERATOR_KEY, ORIGIN } from '../support/access.ts';
import { ask, listOf } from './client.ts';
import { aFinding, anEstate, aSummary } from './estate.ts';

const CLUSTERS = 250;
const EACH = 1_000;
const nameOf = (cluster: number) => `c${String(cluster).padStart(3, '0')}`;
const summaries = Array.from({ length: CLUSTERS }, (_, cluster) => {
  const summary = aSummary(nameOf(cluster), [aFinding({ clusterName: nameOf(cluster) })]);
  return { ...summary, openBySeverity: { ...summary.openBySeverity, high: EACH } };
});

/** A store of 250,000 findings that makes each as it is read, and counts what is read. */
function hugeEstate() {
  const read = { rows: 0, calls: 0 };
  const made = aFinding();
  const findingAt = (at: number): Finding => ({
    ...made,
    id: `${String(at).padStart(16, '0')}-${'0'.repeat(32)}`,
    clusterName: nameOf(Math.floor(at / EACH)),
    clusterId: summaries[Math.floor(at / EACH)]?.cluster.id ?? '',
    subject: { kind: 'node', name: `n${at % EACH}` },
  });
  const list = async ({ severity, status }: FindingFilter, top: number, after?: string) => {
    read.calls += 1;
    if (severity?.includes('high') === false || status?.includes('open') === false) return { value: [] };
    const from = after === undefined ? 0 : Number(after);
    const to = Math.min(from + top, CLUSTERS * EACH);
    read.rows += to - from;
    const value = Array.from({ length: to - from }, (_, index) => findingAt(from + index));
    return to < CLUSTERS * EACH ? { value, next: String(to) } : { value };
  };
  const base = anEstate({ summaries });
  const changes = async (...asked: Parameters<typeof base.findings.changes>) => {
    read.calls += 1;
    return base.findings.changes(...asked);
  };
  return { read, estate: anEstate({ summaries }, { findings: { ...base.findings, list, changes } }) };
}

describe('an estate of 250,000 findings', () => {
  let huge: ReturnType<typeof hugeEstate>;
  beforeEach(() => {
    huge = hugeEstate();
  });

  it.each([
    ['a page', '/findings?top=100', 100],
    ['the largest page', '/findings?top=1000', 1_000],
    ['the worst first', '/findings?orderby=severity%20desc&top=100', 100],
    ['a filter that nothing passes', '/findings?exempted=true&top=100', 20 * 100],
    ['a filter that nothing passes, at its largest', '/findings?exempted=true&top=1000', 20 * 1_000],
    ['the summary', '/summary', 0],
    ['the numbers', '/metrics', 0],
    ['the clusters', '/clusters?top=1000', 0],
    ['the estate page', '/dashboard', 2_000],
    ['the estate page, sorted by what is no column', '/dashboard?sort=__proto__', 2_000],
    ['the estate page, sorted by what every object has', '/dashboard?sort=constructor', 2_000],
  ])('reads no more for %s than it should', async (_name, path, most) => {
    const { status } = await ask(huge.estate, path);
    expect(status).toBe(200);
    expect(huge.read.rows).toBeLessThanOrEqual(most);
    expect(huge.read.calls).toBeLessThanOrEqual(50);
  });

  it('gives every page of it once, through the links', async () => {
    let link: string | undefined = '/findings?top=1000';
    let count = 0;
    for (; link !== undefined && count < 5_000; count += 1_000) {
      const page = listOf(await ask(huge.estate, link));
      expect(page.value[0]).toMatchObject({ subject: { name: 'n0' }, clusterName: nameOf(count / EACH) });
      link = page.nextLink;
    }
    expect(huge.read.rows).toBe(5_000);
  });

  it.each(['csv', 'json', 'sarif', 'html', 'evidence'])(
    'exports %s no further ahead than two pages of what was taken',
    async (format) => {
      const route = ROUTES.find(({ name }) => name === 'get-export') ?? expect.fail();
      const request = {
        method: 'GET',
        url: `${ORIGIN}/api/exports/${format}`,
        headers: new Headers({ 'x-functions-key': OPERATOR_KEY }),
        params: { format },
      };
      const { body } = await serve(
        route,
        aWorld(async () => huge.estate),
        request,
      );
      const reader = body instanceof ReadableStream ? body.getReader() : expect.fail();
      let chunks = 0;
      let taken = 0;
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks += 1;
        taken += part.value.length;
        // The shortest finding in any format takes more than 100 characters.
        expect(huge.read.rows).toBeLessThanOrEqual(2_000 + taken / 100);
      }
      expect(chunks).toBeGreaterThan(100);
      expect(huge.read.rows).toBe(CLUSTERS * EACH);
    },
    60_000,
  );
});
