import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../shared/compose/container/version.ts';
import { MAX_DEQUEUE_COUNT } from '../../shared/compose/functions/last-try.ts';
import { ALL_METHODS, methodsOf, ROUTE_NAMES, UNKNOWN_PATH } from '../../shared/http/access/route-table.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { collectFunctions } from '../../shared/local/functions-host/core-module.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const FILES = globSync('functions/*.ts', { cwd: ROOT }).sort();

describe('functions/', () => {
  it('registers every route of the table under its name, and leaves authorization to the app', async () => {
    const registered = await collectFunctions(
      FILES.map((file) => join(ROOT, file)),
      (file) => import(file),
    );
    const http = registered.filter(({ bindings }) => Object.values(bindings).some(({ type }) => type === 'httpTrigger'));
    expect(http.map(({ name }) => name).sort()).toEqual([...ROUTE_NAMES, UNKNOWN_PATH.name].sort());
    for (const { name, bindings } of http) {
      const trigger = Object.values(bindings).find(({ type }) => type === 'httpTrigger');
      const entry = ROUTES.find((one) => one.name === name);
      expect([name, trigger?.authLevel]).toEqual([name, 'anonymous']);
      expect(trigger?.route).toBe(entry?.route ?? UNKNOWN_PATH.route);
      expect(trigger?.methods).toEqual(entry === undefined ? [...ALL_METHODS] : [...methodsOf(entry)]);
    }
    // The host tries functions in the order of their names, ignoring case, and takes the first that matches.
    expect(
      registered
        .map(({ name }) => name.toLowerCase())
        .sort()
        .at(-1),
    ).toBe(UNKNOWN_PATH.name);
  });

  it('answers every route of the table, in its order', () => {
    expect(ROUTES.map(({ name }) => name)).toEqual(ROUTE_NAMES);
  });

  it.each(FILES)('%s is named <verb-noun>.<trigger>.ts and is short', (file) => {
    expect(basename(file)).toMatch(/^[a-z]+(?:-[a-z]+)+\.(?:http|queue|timer|event-grid|setup|hook)\.ts$/);
    expect(read(file).split('\n').length).toBeLessThanOrEqual(25);
  });

  it('gives up on a message after the attempts in host.json', () => {
    expect(JSON.parse(read('host.json')).extensions.queues).toMatchObject({
      maxDequeueCount: MAX_DEQUEUE_COUNT,
      messageEncoding: 'none',
    });
  });

  it('has the version of package.json', () => {
    expect(JSON.parse(read('package.json')).version).toBe(VERSION);
  });
});
