import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const entry = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  optional: z.boolean().optional(),
});
const packages = Object.entries(z.object({ packages: z.record(z.string(), entry) }).parse(JSON.parse(read('package-lock.json'))).packages);
const installed = packages.filter(([path]) => path !== '');
const manifest = z.object({ optionalDependencies: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));

/** Its script only checks the program of its own optional packages; everything works without it. */
const HARMLESS_SCRIPTS = ['node_modules/esbuild'];

describe('the installed packages', () => {
  it('are all checked by their integrity', () => {
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  it('come only from the public registry or the configured one', () => {
    const elsewhere = installed.filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'));
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('run no script that downloads more: `npm ci --ignore-scripts` installs everything', () => {
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual(HARMLESS_SCRIPTS);
  });

  it('include the Node.js of each platform as a package of one exact version', () => {
    expect(Object.keys(manifest.optionalDependencies).length).toBeGreaterThanOrEqual(5);
    for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^24\.\d+\.\d+$/)]);
      expect(Object.fromEntries(installed)[`node_modules/${name}`]).toMatchObject({ version, optional: true });
    }
  });
});

describe('.github/workflows/release.yml', () => {
  const text = read('.github/workflows/release.yml');
  const { permissions, jobs } = parse(text);

  it('publishes with provenance and stores no token', () => {
    expect(text).toContain('npm publish --provenance');
    expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  it('pins each action by its full SHA, and installs without scripts', () => {
    const used = [...text.matchAll(/^\s*- uses: (.+)$/gm)].map(([, action = '']) => action);
    expect(used.filter((action) => !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
    expect(text).toContain('npm ci --ignore-scripts');
  });
});
