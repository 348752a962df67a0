import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { dataAction, PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import { ISOLATION_STEPS } from '../../shared/domain/isolation/isolation-step.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { run } from '../support/command.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = read('docs/probe.md');

/** The cells of the table with this head, without its code marks. */
function rows(head: string): readonly (readonly string[])[] {
  const [, below = ''] = PAGE.split(`| ${head} |`);
  const [table = ''] = below.split('\n\n');
  const lines = table.split('\n').slice(2);
  expect(lines.length).toBeGreaterThan(0);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const sorted = (values: Iterable<string>) => [...new Set(values)].toSorted();
const Role = z.object({
  kind: z.string(),
  rules: z.array(z.object({ resources: z.array(z.string()), verbs: z.array(z.string()) })).optional(),
});
const AzureRoles = z.record(z.string(), z.object({ dataActions: z.array(z.string()) }));

/** The permissions of a manifest, as `verb resource`. */
function allowedBy(manifest: string): readonly string[] {
  const roles = parseAllDocuments(read(`infra/kubernetes/${manifest}`)).map((document) => Role.parse(document.toJS()));
  return roles.flatMap(({ rules = [] }) =>
    rules.flatMap(({ resources, verbs }) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${one}`))),
  );
}

describe('docs/probe.md', () => {
  const permissions = rows('mode | Kubernetes | Azure RBAC for Kubernetes');
  const of = (mode: string) => permissions.filter(([one]) => one === mode);

  it.each(['exec', 'canary'] as const)('names exactly what the role of the mode %s allows', (mode) => {
    expect(sorted(of(mode).map(([, permission = '']) => permission))).toEqual(sorted(allowedBy(`${mode}-prober.yaml`)));
  });

  it.each(['exec', 'canary'] as const)('names every permission that the code needs for the mode %s', (mode) => {
    const needed = PERMISSIONS.flatMap((one) =>
      one.plane === 'kubernetes' && one.purpose === mode
        ? [
            `${one.attributes.verb} ${one.attributes.resource}${one.attributes.subresource === undefined ? '' : `/${one.attributes.subresource}`}`,
          ]
        : [],
    );
    expect(needed.length).toBeGreaterThan(0);
    expect(of(mode).map(([, permission]) => permission)).toEqual(expect.arrayContaining(needed));
  });

  it('names the data action that Azure checks for each, and all those of its roles', () => {
    const verbs = z.enum(['get', 'list', 'create', 'delete']);
    for (const [, permission = '', action] of permissions) {
      const [verb, path = ''] = permission.split(' ');
      const [resource = '', subresource] = path.split('/');
      const attributes = { verb: verbs.parse(verb), group: '', resource, ...(subresource === undefined ? {} : { subresource }) };
      expect(action).toBe(dataAction(attributes));
    }
    const roles = AzureRoles.parse(JSON.parse(read('infra/roles/permissions.json')));
    const held = (name: string) => roles[name]?.dataActions ?? [];
    const named = (mode: string) => of(mode).map(([, , action = '']) => action);
    expect(sorted(named('exec'))).toEqual(sorted(held('execProber')));
    expect(sorted(named('canary'))).toEqual(sorted(held('canaryProber')));
  });

  it('names every field of the policy about the probe, with its default', () => {
    const told = rows('policy | default | what it decides').map(([field, value]) => [field, value]);
    const written = (value: string | number | boolean | object | readonly string[]): string => {
      if (Array.isArray(value)) return `['${value.join("', '")}']`;
      if (typeof value !== 'object') return value === '' ? 'none' : String(value);
      const members = Object.entries(value).map(([name, member]) => `${name}: ${String(member)}`);
      return `{ ${members.join(', ')} }`;
    };
    const expected = Object.entries(DEFAULT_POLICY.probe).map(([field, value]) => [`probe.${field}`, written(value)]);
    expect(told.toSorted()).toEqual(expected.toSorted());
  });

  it('names every step', () => {
    expect(rows('step | what was seen').map(([step]) => step)).toEqual([...ISOLATION_STEPS]);
  });

  it('names every option of the command, and no other', async () => {
    const { out } = await run(['probe', '--help']);
    const options = [...out.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].flatMap(([, option]) =>
      option === undefined || option === '--help' ? [] : [option],
    );
    expect(rows('option | what it does').map(([option]) => option)).toEqual(options);
  });

  it('puts the canaries into the namespace where the role allows them', () => {
    expect(read('infra/kubernetes/canary-prober.yaml')).toContain(`namespace: ${DEFAULT_POLICY.probe.namespace}\n`);
  });

  it('has valid links, and is linked from the pages that refer to it', () => {
    for (const [, link = ''] of PAGE.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) expect(() => read(join('docs', link))).not.toThrow();
    expect(read('README.md')).toContain('(docs/probe.md)');
    expect(read('docs/operate.md')).toContain('(probe.md)');
    expect(read('docs/operate.md')).toMatch(/^### `isolation-disproved`$/m);
  });
});
