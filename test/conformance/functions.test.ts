import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../shared/compose/container/version.ts';
import { MAX_DEQUEUE_COUNT } from '../../shared/compose/functions/last-try.ts';
import { methodsOf } from '../../shared/http/framework/route.ts';
import { ROUTES } from '../../shared/http/routes.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const FILES = globSync('functions/*.ts', { cwd: ROOT }).sort();

describe('functions/', () => {
  it('holds one file per route of the API, registered as the route says', () => {
    for (const one of ROUTES) {
      const { name, route, authLevel } = one;
      // A long registration is broken into lines.
      const source = read(`functions/${name}.http.ts`).replaceAll(/\s+/g, ' ').replaceAll(', });', ' });');
      const methods = methodsOf(one)
        .map((method) => `'${method}'`)
        .join(', ');
      expect(source).toContain(`app.http('${name}', { methods: [${methods}], route: '${route}', authLevel: '${authLevel}', handler });`);
      expect(source).toContain(`answer('${name}')`);
    }
    const http = FILES.filter((file) => file.endsWith('.http.ts'))
      .map((file) => basename(file, '.http.ts'))
      .sort();
    expect(http).toEqual(ROUTES.map(({ name }) => name).sort());
  });

  it.each(FILES)('%s is named <verb-noun>.<what wakes it>.ts and is short', (file) => {
    expect(basename(file)).toMatch(/^[a-z]+(?:-[a-z]+)+\.(?:http|queue|timer|event-grid|setup|hook)\.ts$/);
    expect(read(file).split('\n').length).toBeLessThanOrEqual(25);
  });

  it('gives up on a message when host.json says so', () => {
    expect(JSON.parse(read('host.json')).extensions.queues).toMatchObject({
      maxDequeueCount: MAX_DEQUEUE_COUNT,
      messageEncoding: 'base64',
    });
  });

  it('has the version of package.json', () => {
    expect(JSON.parse(read('package.json')).version).toBe(VERSION);
  });
});
