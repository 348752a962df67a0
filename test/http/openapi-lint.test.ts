import { describe, expect, it } from 'vitest';
import { openApi } from '../../shared/http/framework/openapi.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { lint } from './openapi-lint.ts';

const document = JSON.parse(JSON.stringify(openApi(ROUTES, '1.2.3')));

/** The document with one mistake. */
function broken(breakIt: (copy: typeof document) => void): unknown {
  const copy = structuredClone(document);
  breakIt(copy);
  return copy;
}

describe('the OpenAPI document', () => {
  it('causes no warnings of a linter', () => {
    expect(lint(document)).toEqual([]);
  });

  it.each<[string, (copy: typeof document) => void]>([
    ['info-license-strict', (copy) => delete copy.info.license],
    ['no-server-trailing-slash', (copy) => copy.servers.push({ url: '/api/' })],
    ['tag-description', (copy) => delete copy.tags[0].description],
    ['operation-operationId', (copy) => (copy.paths['/summary'].get.operationId = 'getMetrics')],
    ['operation-summary', (copy) => delete copy.paths['/summary'].get.summary],
    ['operation-tag-defined', (copy) => copy.paths['/summary'].get.tags.push('other')],
    ['operation-2xx-response', (copy) => delete copy.paths['/metrics'].get.responses[200]],
    ['operation-4xx-response', (copy) => (copy.paths['/metrics'].get.responses = { 200: { description: 'Good.' } })],
    ['security-defined', (copy) => copy.security.push({ magic: [] })],
    ['path-parameters-defined', (copy) => copy.paths['/findings/{id}'].get.parameters.shift()],
    ['no-unused-components', (copy) => (copy.components.schemas.Lonely = { type: 'object' })],
    ['no-required-schema-properties-undefined', (copy) => delete copy.components.schemas.BySeverity.properties.low],
  ])('fails the check when it breaks %s', (rule, breakIt) => {
    const found = lint(broken(breakIt));
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toMatch(new RegExp(`^${rule}(?::|$)`));
  });
});
