import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const CANDIDATES = [process.env.CHROMIUM_PATH ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of Chromium, or `undefined`, which skips the browser tests. */
export const CHROMIUM = CANDIDATES.find((path) => path !== '' && existsSync(path));

if (CHROMIUM === undefined) {
  console.warn('The browser tests are skipped: install Chromium (`apt-get install chromium`) or set CHROMIUM_PATH.');
}

/** Starts headless Chromium. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** The errors and forbidden requests of a page. */
export interface Complaints {
  readonly said: string[];
}

/** Collects console errors, uncaught errors, blocked content, dialogs and requests to another host. */
export function listen(page: Page): Complaints {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => said.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch((error: unknown) => said.push(String(error)));
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') said.push(`request to ${hostname}`);
  });
  return { said };
}

/** Every rule of WCAG 2.2 AA that axe-core can check, target size included, and the order of headings. */
const AXE_OPTIONS = JSON.stringify({
  resultTypes: ['violations'],
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true }, 'heading-order': { enabled: true } },
});

/** Accessibility violations, one line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  // Evaluated over the debugging protocol, because the page's own policy correctly blocks foreign scripts.
  await page.evaluate(axe.source);
  const found = await page.evaluate(`axe.run(document, ${AXE_OPTIONS}).then(({ violations }) => JSON.stringify(violations))`);
  const all: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[] = JSON.parse(String(found));
  return all.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
