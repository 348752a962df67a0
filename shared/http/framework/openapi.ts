import { z } from 'zod';
import { given } from '../../domain/snapshot/given.ts';
import { componentSchemas, referenceTo } from '../schemas/component.ts';
import { EXAMPLES } from '../schemas/examples.ts';
import { JSON_TYPE } from './negotiate.ts';
import type { Route, RouteAnswer } from './route.ts';
import { TAGS } from './tags.ts';

type Json = Readonly<Record<string, unknown>>;

/** Builds the OpenAPI 3.1 document from the routes and from the schemas that validate requests. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `/${route.route.replace('{*', '{')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kataudit',
      version,
      description: 'Findings about Kata pod sandboxing on AKS: which workloads really run in a pod VM, and the evidence for it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    security: [{ key: [] }, { bearer: [] }, { session: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      schemas: withExamples(
        componentSchemas(
          routes.flatMap(({ answers }) => Object.values(answers).flatMap(({ schema }) => schema ?? [])),
          routes.flatMap(({ body }) => body?.schema ?? []),
        ),
      ),
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'x-functions-key', description: 'A reader or operator key of the app.' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An Entra ID token with the app role Kataudit.Reader or Kataudit.Operator, or a key of the app.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-kataudit',
          description: 'The cookie that `POST /session` sets in exchange for a key.',
        },
      },
    },
  };
}

function withExamples(schemas: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [
      id,
      typeof schema === 'object' && Object.hasOwn(EXAMPLES, id) ? { ...schema, examples: [EXAMPLES[id]] } : schema,
    ]),
  );
}

function operation(route: Route): Json {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: route.name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary: route.summary,
    tags: [route.tag],
    ...(route.access === 'anyone' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: route.body.required, content: { [JSON_TYPE]: { schema: referenceTo(route.body.schema) } } } }),
    responses: Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, response(answer)])),
  };
}

function response({ description, schema, mediaTypes, headers }: RouteAnswer): Json {
  const types = mediaTypes ?? (schema === undefined ? [] : [JSON_TYPE]);
  const content = types.map((type) => [type, { schema: schema === undefined || !isJson(type) ? bodySchema(type) : referenceTo(schema) }]);
  const described = Object.entries(headers ?? {}).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]);
  return {
    description,
    ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}),
    ...(described.length > 0 ? { headers: Object.fromEntries(described) } : {}),
  };
}

function bodySchema(type: string): Json {
  return { type: isJson(type) ? 'object' : 'string' };
}

function isJson(type: string): boolean {
  return /[/+]json$/.test(type);
}

function pathParameters({ parameters = {} }: Route): Json[] {
  return Object.entries(parameters).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, value]) => {
    const { description, ...schema } = typeof value === 'object' ? value : {};
    const comma = schema.type === 'array' ? { style: 'form', explode: false } : {};
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...given({ description }),
      schema,
      ...comma,
    };
  });
}

function headerParameters({ headers = {} }: Route): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}
