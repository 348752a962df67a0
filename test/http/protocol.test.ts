import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import type { ApiRequest, ApiResponse } from '../../shared/http/framework/api.ts';
import { matchRoute } from '../../shared/http/framework/match.ts';
import { serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { referenceTo } from '../../shared/http/schemas/component.ts';
import { AN_OPERATOR, aWorld, OPERATOR_KEY } from '../support/access.ts';
import { ask, read } from './client.ts';
import { aFinding, anEstate } from './estate.ts';

describe('the API', () => {
  it('accepts a request of Azure Functions and returns its type of answer', () => {
    expectTypeOf<HttpRequest>().toExtend<ApiRequest>();
    expectTypeOf<ApiResponse>().toExtend<HttpResponseInit>();
  });

  it('answers 405 with the methods that the path has', async () => {
    expect(await ask(anEstate(), '/audits', { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST' } });
    const route = ROUTES[0];
    if (route === undefined) throw new Error('There is no route.');
    const request = { method: 'PUT', url: 'https://x.example/api/findings', headers: new Headers(), params: {} };
    expect(await read(await route.handler(anEstate(), request, AN_OPERATOR))).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });

  it.each(['/findings', '/summary', '/exports/csv', '/metrics', '/health'])('answers HEAD %s as GET, without the body', async (path) => {
    const estate = anEstate({ findings: [aFinding()] });
    const [head, get] = [await ask(estate, path, { method: 'HEAD' }), await ask(estate, path)];
    expect(head).toMatchObject({ status: 200, text: '' });
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
    expect(head.headers.etag).toBe(get.headers.etag);
  });

  it.each([
    ['text/html', 406],
    ['text/html, */*;q=0', 406],
    ['application/json;q=0', 406],
    ['application/json', 200],
    ['text/html, application/*;q=0.5', 200],
    ['*/*', 200],
    ['', 200],
  ])('answers Accept: %s with %i', async (accept, status) => {
    expect((await ask(anEstate(), '/findings', { headers: { accept } })).status).toBe(status);
  });

  it('refuses a URL of 8193 characters and accepts one of 8192', async () => {
    const base = 'https://kataudit.example/api/findings?cluster=';
    const of = (length: number) => base + 'a,'.repeat(length).slice(0, length - base.length);
    expect((await ask(anEstate(), of(8_193))).status).toBe(414);
    expect((await ask(anEstate(), of(8_192))).status).toBe(400);
  });

  it.each([
    ['gzip', 'gzip'],
    ['br, gzip;q=0.2', 'gzip'],
    ['gzip;q=0', undefined],
    ['br', undefined],
  ])('answers Accept-Encoding: %s with %s', async (encoding, expected) => {
    const findings = Array.from({ length: 20 }, (_, index) => aFinding({ subject: { kind: 'node', name: `n${index}` } }));
    const answer = await ask(anEstate({ findings }), '/findings', { headers: { 'accept-encoding': encoding } });
    expect(answer.headers['content-encoding']).toBe(expected);
    expect(answer.headers.vary).toBe('Accept-Encoding');
  });

  it.each([
    ['throttled', 429],
    ['unreachable', 503],
    ['denied', 503],
    ['malformed', 400],
  ] as const)('answers a storage that is %s with %i, without a bug', async (code, status) => {
    const list = () => Promise.reject(new Fault(code, 'What was seen.'));
    const answer = await ask(anEstate({}, { findings: { ...anEstate().findings, list } }), '/findings');
    expect(answer.status).toBe(status);
    expect(answer.headers['retry-after']).toBe(status === 400 ? undefined : '5');
  });

  it('does not allow pages of another origin to read it', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'GET' };
    for (const { route, method } of ROUTES) {
      const path = `/${route.replaceAll(/\{\*?\w+\}/g, 'x')}`;
      const answer = await ask(anEstate(), path, { method, headers, body: method === 'PUT' ? '{}' : '' });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await ask(anEstate(), '/findings', { method: 'OPTIONS', headers })).status).toBe(405);
  });

  it('reports a bug and answers 500 without its message', async () => {
    const list = () => Promise.reject(new TypeError('the secret inside'));
    const estate = anEstate({}, { findings: { ...anEstate().findings, list } });
    const match = matchRoute(ROUTES, 'GET', '/findings');
    if (match.kind !== 'route') throw new Error('There is no such route.');
    const headers = new Headers({ 'x-functions-key': OPERATOR_KEY });
    const request = { method: 'GET', url: 'https://x.example/api/findings', headers, params: {} };
    const world = aWorld(async () => estate);
    const answer = await read(await serve(match.route, world, request));
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    expect(world.bugs).toHaveLength(1);
  });
});

describe('the OpenAPI document', () => {
  it('has every route once, under its own path', async () => {
    const { json } = await ask(anEstate(), '/openapi.json');
    const { openapi, paths } = JSON.parse(JSON.stringify(json));
    expect(openapi).toBe('3.1.0');
    const operations = Object.values<Record<string, { operationId: string }>>(paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(operations).size).toBe(ROUTES.length);
    expect(paths['/findings'].get.parameters.find((one: { name: string }) => one.name === 'top').schema).toMatchObject({
      minimum: 1,
      maximum: 1000,
      default: 100,
    });
    expect(paths['/clusters/{subscription}/{resourceGroup}/{name}'].get.parameters[2]).toMatchObject({
      in: 'path',
      name: 'name',
      required: true,
    });
  });

  it('describes the app, its parts, and how to prove who asks', async () => {
    const { paths: _, components, ...app } = JSON.parse((await ask(anEstate(), '/openapi.json')).text);
    const described = { description: expect.stringMatching(/./) };
    expect(app).toEqual({
      openapi: '3.1.0',
      info: { title: 'Kataudit', version: '1.2.3', ...described, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/api' }],
      security: [{ key: [] }, { bearer: [] }, { session: [] }],
      tags: ['findings', 'clusters', 'estate', 'audits', 'exemptions', 'exports', 'operations', 'dashboard'].map((name) => ({
        name,
        ...described,
      })),
    });
    expect(components.securitySchemes).toEqual({
      key: { type: 'apiKey', in: 'header', name: 'x-functions-key', ...described },
      bearer: { type: 'http', scheme: 'bearer', ...described },
      session: { type: 'apiKey', in: 'cookie', name: '__Host-kataudit', ...described },
    });
  });

  it('describes what an operation takes and answers', async () => {
    const { paths, security, components } = JSON.parse((await ask(anEstate(), '/openapi.json')).text);
    const text = { type: 'string' };
    const described = { description: expect.stringMatching(/./) };
    const problem = { ...described, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
    const held = {
      ...described,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/HeldExemption' } } },
      headers: { etag: { ...described, schema: text } },
    };
    const refusals = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 428, 429, 500, 503];
    expect(paths['/exemptions/{id}'].put).toEqual({
      operationId: 'putExemption',
      summary: 'Creates or replaces an exemption.',
      tags: ['exemptions'],
      parameters: [
        { name: 'id', in: 'path', required: true, ...described, schema: text },
        { name: 'If-Match', in: 'header', required: false, ...described, schema: text },
        { name: 'If-None-Match', in: 'header', required: false, ...described, schema: text },
      ],
      requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/ExemptionWrite' } } } },
      responses: { 200: held, 201: held, ...Object.fromEntries(refusals.map((status) => [status, problem])) },
    });
    expect(paths['/exemptions/{id}'].delete.responses[204]).toEqual(described);
    expect(paths['/metrics'].get.responses[200]).toEqual({ ...described, content: { 'text/plain': { schema: text } } });
    expect(paths['/exports/bundle'].get.responses[200].content).toEqual({ 'application/json': { schema: { type: 'object' } } });
    expect(paths['/audits'].post.requestBody.required).toBe(false);
    expect(paths['/health'].get).toMatchObject({ security: [], tags: ['operations'] });
    expect(paths['/health'].get).not.toHaveProperty('parameters');
    expect(paths['/summary'].get).not.toHaveProperty('security');
    expect(security.flatMap(Object.keys)).toEqual(Object.keys(components.securitySchemes));
    const query = paths['/findings/groups'].get.parameters;
    expect(query.find(({ name }: { readonly name: string }) => name === 'severity')).toMatchObject({
      in: 'query',
      required: false,
      description: 'Comma-separated.',
      schema: { type: 'array', minItems: 1, maxItems: 100 },
      style: 'form',
      explode: false,
    });
    const by = query.find(({ name }: { readonly name: string }) => name === 'by');
    expect([by.required, by.style]).toEqual([true, undefined]);
    expect(by.schema).toEqual({ type: 'string', examples: ['rule', 'tag:team'] });
  });

  it('names the headers that an operation reads and answers with, and the parts of its path', async () => {
    const { paths } = JSON.parse((await ask(anEstate(), '/openapi.json')).text);
    interface Operation {
      readonly operationId: string;
      readonly parameters?: readonly { readonly in: string; readonly name: string }[];
      readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
    }
    const operations = Object.values<Record<string, Operation>>(paths).flatMap((path) => Object.values(path));
    const of = (place: string, { parameters = [] }: Operation) =>
      parameters.flatMap((one) => (one.in === place ? [one.name] : [])).join(' ');
    const answered = ({ responses }: Operation) => Object.values(responses).flatMap(({ headers = {} }) => Object.keys(headers));
    const table = operations.map((one) => [one.operationId, of('path', one), of('header', one), [...new Set(answered(one))].join(' ')]);
    expect(table.filter(([, ...parts]) => parts.some((part) => part !== ''))).toEqual([
      ['getFinding', 'id', 'If-None-Match', ''],
      ['getFindingHistory', 'id', '', ''],
      ['getCluster', 'subscription resourceGroup name', 'If-None-Match', ''],
      ['getSnapshot', 'subscription resourceGroup name', '', ''],
      ['putSnapshot', 'subscription resourceGroup name', 'Content-Encoding', ''],
      ['getSummary', '', 'If-None-Match', ''],
      ['postAudit', '', '', 'location'],
      ['getAudit', 'id', 'If-None-Match', ''],
      ['getAuditChanges', 'id', '', ''],
      ['getAuditDifference', 'id', '', ''],
      ['getExemption', 'id', 'If-None-Match', 'etag'],
      ['putExemption', 'id', 'If-Match If-None-Match', 'etag'],
      ['deleteExemption', 'id', 'If-Match', ''],
      ['getExport', 'format', '', 'content-disposition'],
      ['getBundle', '', '', 'content-disposition'],
      ['postBundle', '', '', 'location'],
      ['replayParked', 'id', '', ''],
      ['dropParked', 'id', '', ''],
      ['getOpenApi', '', 'If-None-Match', ''],
      ['openSession', '', '', 'set-cookie location'],
      ['getDashboard', 'page', '', 'location'],
    ]);
  });

  it('has an example of every component that its schema accepts', async () => {
    const { components } = z
      .object({ components: z.object({ schemas: z.record(z.string(), z.looseObject({ examples: z.array(z.unknown()).optional() })) }) })
      .parse((await ask(anEstate(), '/openapi.json')).json);
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
    ajv.addSchema({ $id: 'https://kataudit.example/examples', components });
    // Lists, and parts that are shown in other examples, need none of their own.
    const bare = Object.entries(components.schemas).filter(([, { examples }]) => examples === undefined);
    expect(
      bare
        .map(([id]) => id)
        .filter((id) => !id.endsWith('List'))
        .sort(),
    ).toEqual(['BySeverity', 'Coverage', 'ExemptionWrite', 'Subject']);
    for (const [id, { examples = [] }] of Object.entries(components.schemas)) {
      expect(examples).toHaveLength(bare.some(([one]) => one === id) ? 0 : 1);
      for (const example of examples) {
        const valid = ajv.validate({ $ref: `https://kataudit.example/examples#/components/schemas/${id}` }, example);
        expect([id, valid, ajv.errorsText()]).toEqual([id, true, 'No errors']);
      }
    }
  });

  it('has in a body only what must be given as required, and names the parts of a count', async () => {
    const { schemas } = JSON.parse((await ask(anEstate(), '/openapi.json')).text).components;
    const { key } = schemas.SessionRequest.properties;
    expect([schemas.SessionRequest.required, key.minLength, key.maxLength]).toEqual([['key'], 1, 200]);
    expect(schemas.AuditRequest).not.toHaveProperty('required');
    expect(schemas.ExemptionWrite.required).toEqual(['rule', 'category', 'reason', 'approvedBy', 'expiresOn']);
    const severities = ['critical', 'high', 'medium', 'low', 'info'];
    expect([schemas.BySeverity.required, Object.keys(schemas.BySeverity.properties)]).toEqual([severities, severities]);
    expect([schemas.BySeverity.additionalProperties, schemas.BySeverity.propertyNames]).toEqual([false, undefined]);
    expect(schemas.BySeverity.properties.low).toMatchObject({ type: 'integer', minimum: 0 });
    expect(JSON.stringify(schemas)).not.toMatch(/"\$(schema|id)"/);
    expect(() => referenceTo(z.string())).toThrow('A route names a schema that is no component');
  });

  it('refers only to existing components', async () => {
    const { text, json } = await ask(anEstate(), '/openapi.json');
    const { components } = JSON.parse(JSON.stringify(json));
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(components.schemas).toHaveProperty(name);
  });
});

describe('matching a path', () => {
  it.each([
    ['GET', '/findings', 'list-findings'],
    ['GET', '/findings/', 'list-findings'],
    ['GET', '/findings/x', 'get-finding'],
    ['GET', '/findings/x/history', 'get-finding-history'],
    ['GET', '/health/detail', 'get-health-detail'],
    ['GET', '/clusters', 'list-clusters'],
    ['GET', '/clusters/a/b/c', 'get-cluster'],
    ['POST', '/audits', 'post-audit'],
    ['DELETE', '/parked/x', 'drop-parked'],
  ])('%s %s leads to %s', (method, path, name) => {
    expect(matchRoute(ROUTES, method, path)).toMatchObject({ kind: 'route', route: { name } });
  });

  it.each(['/', '/nothing', '/findings/x/y', '/parked/x/replay/y', '/clusters/a', '/clusters/a/b/c/d'])('%s leads nowhere', (path) => {
    expect(matchRoute(ROUTES, 'GET', path)).toEqual({ kind: 'none' });
  });
});
