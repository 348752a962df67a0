import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { writeSimulatedHistory } from '../../shared/compose/command-line/simulated-history.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import { freePort } from '../support/command.ts';
import { comparedNumbers } from '../support/linked-numbers.ts';
import { CHROMIUM, type Complaints, launch, listen } from './chromium.ts';

/** `npm run screenshots` names a folder; without one the pictures are not saved. */
const FOLDER = process.env.SCREENSHOT_FOLDER;

describe.skipIf(CHROMIUM === undefined)('the dashboard of a running app', { timeout: 120_000 }, () => {
  let local: LocalRun;
  let browser: Browser;
  let page: Page;
  let complaints: Complaints;

  beforeAll(async () => {
    local = await startLocal({ port: await freePort(), auth: true, now: new Date() });
    await followAudit(local, () => undefined);
    await writeSimulatedHistory(local, 30, new Date());
    browser = await launch();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await local?.stop();
  });
  beforeEach(async () => {
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    complaints = listen(page);
  });
  afterEach(() => page.context().close());

  const visit = (path: string) => page.goto(`${local.apiUrl}/dashboard${path}${path.includes('?') ? '&' : '?'}code=${local.key}`);

  it.each([
    [390, 'phone'],
    [1280, 'desk'],
    [2560, 'wall'],
  ])('fits into a screenshot without errors (%i pixels)', async (width, name) => {
    await page.setViewportSize({ width, height: width === 390 ? 1600 : 1100 });
    await visit('');

    expect(await page.locator('h1').innerText()).toMatch(/workloads? that must be sandboxed/);
    expect(await page.locator('main').innerText()).toContain('could not be read completely');
    expect(await page.locator('[data-trend] [data-day]').count()).toBe(31);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(complaints.said).toEqual([]);
    if (FOLDER === undefined) return;
    await mkdir(FOLDER, { recursive: true });
    await page.screenshot({ path: join(FOLDER, `dashboard-${name}.png`) });
  });

  it('shows no page on a phone that is longer than seven of its screens, not even that of a large cluster', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const { value: clusters } = await local.storage.findings.clusters(1000);
    const paths = clusters.map(({ cluster }) => `/cluster?id=${encodeURIComponent(cluster.id)}`);
    const long: string[] = [];
    for (const path of ['', '/findings', '/findings?group=rule', '/audits', '/exemptions', '/rules', '/parked', ...paths]) {
      await visit(path);
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
      // A phone shows about 800 pixels, and a page of more than seven screens is too long to read.
      if (height >= 6_000) long.push(`${path}: ${height}`);
    }

    expect(paths.length).toBeGreaterThan(18);
    expect(long).toEqual([]);
    expect(complaints.said).toEqual([]);
  });

  it('prints whole tables, also those that scroll on a screen', async () => {
    await page.setViewportSize({ width: 1280, height: 700 });
    await visit('');
    const hidden = () =>
      page.evaluate("(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)(document.querySelector('#clusters .scroll'))");
    expect(await hidden()).toBeGreaterThan(100);
    await page.emulateMedia({ media: 'print' });
    expect(await hidden()).toBe(0);
  });

  it('shows a cluster with its pools, classes, workloads and history', async () => {
    await visit('');
    await page.getByRole('link', { name: 'pay-prod-neu', exact: true }).first().click();
    const text = await page.locator('main').innerText();

    for (const heading of ['open findings', 'Rules', 'Node pools', 'RuntimeClasses', 'Workloads', 'Nodes', 'History'])
      expect(text).toContain(heading);
    expect(text).toContain('KataVmIsolation');
    expect(complaints.said).toEqual([]);
    if (FOLDER !== undefined) await page.screenshot({ path: join(FOLDER, 'dashboard-cluster.png'), fullPage: true });
  });

  it('leads from every number to a list of exactly that many', async () => {
    const get = async (path: string) =>
      (await fetch(`${local.apiUrl}${path}`, { headers: { accept: 'text/html', 'x-functions-key': local.key ?? '' } })).text();
    const { value: clusters } = await local.storage.findings.clusters(1000);
    const { value: audits } = await local.storage.audits.list(10);
    const pages = [
      ...['', '/findings', '/findings?severity=high,low&group=cluster', '/exemptions', '/rules', '/audits'],
      ...clusters.map(({ cluster }) => `/cluster?id=${encodeURIComponent(cluster.id)}`),
      ...audits.map(({ id }) => `/audit?id=${id}`),
    ];
    const numbers = await comparedNumbers(
      pages.map((path) => `/dashboard${path}`),
      get,
    );

    expect(numbers.filter(({ amount, listed }) => amount !== listed)).toEqual([]);
    expect(numbers.length).toBeGreaterThan(150);
  });

  it('keeps the place and what is half typed when the table is sorted, shown anew and come back to', async () => {
    await visit('');
    const search = page.getByRole('searchbox');
    const state = async () => [await search.inputValue(), await page.evaluate('Math.round(scrollY)')];
    // Neither keys nor the mouse, for which the page would be scrolled.
    await page.evaluate("document.querySelector('input[name=q]').value = 'half ty'");
    await page.evaluate("scrollTo({ top: 700, behavior: 'instant' })");
    await page.evaluate("document.querySelector('thead a[href*=open]').click()");
    await page.waitForURL(/sort=-open/);
    await expect.poll(state).toEqual(['half ty', 700]);
    expect(await page.locator('th[aria-sort]').innerText()).toBe('Open ↓');
    await page.reload();
    await expect.poll(state).toEqual(['half ty', 700]);
    await page.evaluate("document.querySelector('#clusters tbody a').click()");
    await page.waitForURL(/\/cluster\?/);
    await page.goBack();
    await expect.poll(state).toEqual(['half ty', 700]);
    // Choosing with the arrow keys asks for nothing before the button is pressed.
    await page.getByLabel('Status').focus();
    await page.keyboard.press('ArrowDown');
    expect(page.url()).not.toContain('status=');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/q=half\+ty&status=failing/);
    expect(await page.locator('#clusters').innerText()).toContain('No cluster matches');
    expect(complaints.said).toEqual([]);
  });

  it('scans one cluster again from its page, and says how far it is until it shows what came of it', async () => {
    await visit('');
    await page.locator('#clusters').getByRole('link', { name: 'pay-prod-neu', exact: true }).click();
    await page.waitForURL(/\/cluster\?/);
    await page.evaluate("scrollTo({ top: 300, behavior: 'instant' })");
    await page.evaluate("document.querySelector('form[data-clusters]').requestSubmit()");
    await page
      .locator('[data-live]')
      .getByText(/listing the clusters|of 1 cluster/)
      .waitFor();
    await page.waitForEvent('load', { timeout: 60_000 });

    await expect.poll(() => page.evaluate('Math.round(scrollY)')).toBe(300);
    const { value: audits } = await local.storage.audits.list(1);
    expect(audits[0]?.clusters).toHaveLength(1);
    expect(complaints.said).toEqual([]);
  });

  it('lets an operator exempt a finding with a reason and an end date, and then shows the exemption', async () => {
    await visit('/findings?rule=kata-pool-present');
    await page.locator('td.what a').first().click();
    await page.getByRole('link', { name: 'Exempt …' }).click();
    expect(await page.locator('label.check').first().innerText()).toContain('covers 1 finding');
    await page.getByLabel('Reason').fill('A staging cluster without tenants.');
    await page.getByLabel('Approved by').fill('Platform security');
    await page.getByLabel('Through').fill('2099-01-31');
    await Promise.all([page.waitForURL(/\/dashboard\/exemptions/), page.getByRole('button', { name: 'Exempt' }).click()]);

    expect(await page.locator('main').innerText()).toContain('A staging cluster without tenants.');
    expect(await page.locator('main').innerText()).toContain('2099-01-31');
    expect(complaints.said).toEqual([]);
  });

  it('starts an audit from its page, and shows its progress until it ends', async () => {
    await visit('/audits');
    // The page reloads when the app has answered.
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Start an audit' }).click()]);
    expect(await page.locator('main').innerText()).toContain('request');
    await visit('');
    await expect.poll(() => page.locator('[data-live]').count(), { timeout: 90_000, interval: 500 }).toBe(0);

    expect(await page.locator('h1').innerText()).toMatch(/workloads? that must be sandboxed/);
    // Each tile says now how it changed since the audit before, and leads to the difference of the two.
    expect(await page.locator('.tile .change').allInnerTexts()).toContain('±0');
    await page.locator('.tile .change').first().click();
    await page.waitForURL(/\/audit\?id=.*&from=/);
    expect(await page.locator('#difference').innerText()).toContain('None opened, resolved, changed, newly blind, seen again.');
    expect(await page.getByLabel('Compared with').locator('option').count()).toBe(1);
    expect(complaints.said).toEqual([]);
  });
});
