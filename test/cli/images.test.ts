import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkImages, showImages, updateImages } from '../../shared/cli/images.ts';
import { someSurroundings } from '../support/surroundings.ts';

const TODAY = new Date('2026-11-30T12:00:00Z');
const REPORT = JSON.stringify({
  distro_name: 'AKSAzureLinuxV3/gen2kata',
  vhd_release_version: '202610.08.0',
  report_time: '2026-10-20T00:00:00Z',
  os_package_targets: [{ active_cves: [{ id: 'CVE-2026-1001' }] }],
});
let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-images-'));
  await writeFile(at('report.json'), REPORT);
  await writeFile(at('bad.json'), '{"schemaVersion": 2}');
});
afterAll(() => rm(folder, { recursive: true }));

describe('kataudit images', () => {
  it('shows the built-in data with the source of each row', async () => {
    const here = someSurroundings();
    expect(await showImages(here, undefined, {})).toBe(0);
    expect(here.out()).toMatch(
      /AKSAzureLinux-V3katagen2-202610\.08\.0 .* 4\.1\.0\.kata0-1\.azl3 .*https:\/\/github\.com\/Azure\/AgentBaker/,
    );
    expect(here.out()).not.toContain('Vulnerabilities');
  });

  it('creates a file, adds to it, and shows and checks it', async () => {
    const here = someSurroundings();
    expect(await updateImages(here, at('images.json'), { from: [at('report.json')] }, TODAY)).toBe(0);
    expect(await updateImages(here, at('images.json'), { from: [at('report.json')], seenOn: '2026-12-01' }, TODAY)).toBe(0);
    expect(JSON.parse(await readFile(at('images.json'), 'utf8'))).toMatchObject({
      vulnerabilities: [{ ids: ['CVE-2026-1001'], seenOn: '2026-12-01' }],
    });
    expect(await checkImages(here, at('images.json'))).toBe(0);
    expect(await showImages(here, at('images.json'), {})).toBe(0);
    expect(here.out()).toMatch(/is a valid image file: 0 images with their kernels, 0 newest images, vulnerabilities of 1 image/);
    expect(here.out()).toMatch(/Vulnerabilities/);
  });

  it('leaves the file unchanged when a source is invalid', async () => {
    await updateImages(someSurroundings(), at('kept.json'), { from: [at('report.json')] }, TODAY);
    const before = await readFile(at('kept.json'), 'utf8');
    await expect(updateImages(someSurroundings(), at('kept.json'), { from: [at('report.json'), at('bad.json')] }, TODAY)).rejects.toThrow(
      /expected 1, got 2/,
    );
    expect(await readFile(at('kept.json'), 'utf8')).toBe(before);
  });

  it('does not treat an invalid file as a missing one', async () => {
    await expect(updateImages(someSurroundings(), at('bad.json'), { from: [at('report.json')] }, TODAY)).rejects.toThrow(
      /is not an image file/,
    );
    expect(await readFile(at('bad.json'), 'utf8')).toBe('{"schemaVersion": 2}');
  });

  it.each([
    ['an invalid date', { from: [], seenOn: 'yesterday' }, 'x.json', /--seen-on must be a date/],
    ['standard input as the file to update', { from: [] }, '-', /not standard input/],
  ])('refuses %s', async (_, options, file, message) => {
    await expect(updateImages(someSurroundings(), file, options, TODAY)).rejects.toThrow(message);
  });
});
