import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');
const WORKFLOW = readFileSync(resolve(ROOT, '.github/workflows/ci.yml'), 'utf8');
const FULL_SHA = /^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

/** The actions of the steps, with the comment that names the version. */
function used(workflow: string): readonly string[] {
  return [...workflow.matchAll(/^\s*- uses: (.+)$/gm)].map(([, action = '']) => action);
}

describe('.github/workflows/ci.yml', () => {
  it('pins each action by its full SHA, with the version beside it', () => {
    expect(used(WORKFLOW).length).toBeGreaterThan(1);
    expect(used(WORKFLOW).filter((action) => !FULL_SHA.test(action))).toEqual([]);
  });

  it.each(['actions/checkout@v6', 'actions/checkout@de0fac2e4500 # v6.0.2', 'actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd'])(
    'fails the check with %s',
    (action) => {
      expect(used(`      - uses: ${action}`).every((found) => FULL_SHA.test(found))).toBe(false);
    },
  );

  it('gives its token only the right to read, and leaves no token behind', () => {
    const { permissions, jobs } = parse(WORKFLOW);
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.values<object>(jobs).filter((job) => 'permissions' in job)).toEqual([]);
    expect(WORKFLOW.match(/actions\/checkout@/g)).toHaveLength(WORKFLOW.match(/persist-credentials: false/g)?.length ?? 0);
  });

  it('installs, tests and packages', () => {
    const runs = parse(WORKFLOW).jobs.test.steps.flatMap(({ run }: { readonly run?: string }) => run ?? []);
    expect(runs).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'az bicep install --version v0.49.2',
      'npm test',
      'npm run package',
    ]);
  });

  it('installs the compiler of the templates, because their test is skipped without it', () => {
    const steps = parse(WORKFLOW).jobs.test.steps;
    const [install, test] = ['az bicep install', 'npm test'].map((words) =>
      steps.findIndex(({ run = '' }: { readonly run?: string }) => run.startsWith(words)),
    );
    expect(install).toBeGreaterThan(0);
    expect(test).toBeGreaterThan(install);
    expect(steps[test].env).toEqual({ BICEP: '/home/runner/.azure/bin/bicep' });
  });
});
