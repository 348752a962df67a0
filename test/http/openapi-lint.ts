import { z } from 'zod';

const described = z.looseObject({ description: z.string().optional() });
const parameter = z.looseObject({ name: z.string(), in: z.string() });
const operation = z.looseObject({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  tags: z.array(z.string()).default([]),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  parameters: z.array(parameter).default([]),
  responses: z.record(z.string(), described),
});
const shape = z.looseObject({
  info: z.looseObject({ license: z.looseObject({ name: z.string(), identifier: z.string().optional() }).optional() }),
  servers: z.array(z.object({ url: z.string() })).default([]),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  tags: z.array(z.looseObject({ name: z.string(), description: z.string().optional() })).default([]),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()), securitySchemes: z.record(z.string(), z.unknown()) }),
});

/**
 * The warnings of an OpenAPI linter, one line each: the recommended rules of `@redocly/openapi-core` 2 that this
 * document could break. The linter itself reports nothing for it.
 */
export function lint(document: unknown): readonly string[] {
  const { info, servers, security, tags, paths, components } = shape.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, facts]) => ({ place: `${method.toUpperCase()} ${path}`, path, facts })),
  );
  const ids = operations.map(({ facts }) => facts.operationId ?? '');
  const known = new Set(tags.map(({ name }) => name));
  return [
    ...(info.license?.identifier === undefined ? ['info-license-strict'] : []),
    ...(servers.length === 0 || servers.some(({ url }) => url.endsWith('/')) ? ['no-server-trailing-slash'] : []),
    ...tags.flatMap(({ name, description = '' }) => (description === '' ? [`tag-description: ${name}`] : [])),
    ...ids.filter((id, at) => !/^\w+$/.test(id) || ids.indexOf(id) !== at).map((id) => `operation-operationId: ${id}`),
    ...operations.flatMap(({ place, path, facts }) => [
      ...((facts.summary ?? '') === '' ? [`operation-summary: ${place}`] : []),
      ...facts.tags.filter((tag) => !known.has(tag)).map((tag) => `operation-tag-defined: ${place} ${tag}`),
      ...(Object.keys(facts.responses).some((status) => status.startsWith('2')) ? [] : [`operation-2xx-response: ${place}`]),
      ...((facts.security ?? security)?.length !== 0 && !Object.keys(facts.responses).some((status) => status.startsWith('4'))
        ? [`operation-4xx-response: ${place}`]
        : []),
      ...(facts.security ?? security ?? [{ none: [] }])
        .flatMap((one) => Object.keys(one))
        .filter((scheme) => !Object.hasOwn(components.securitySchemes, scheme))
        .map((scheme) => `security-defined: ${place} ${scheme}`),
      ...pathProblems(place, path, facts.parameters),
    ]),
    ...unused(document, Object.keys(components.schemas)).map((name) => `no-unused-components: ${name}`),
    ...undefinedProperties(components.schemas, '').map((place) => `no-required-schema-properties-undefined: ${place}`),
  ];
}

function pathProblems(place: string, path: string, parameters: readonly z.output<typeof parameter>[]): readonly string[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const given = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
  const wrong = [...inPath.filter((name) => !given.includes(name)), ...given.filter((name) => !inPath.includes(name))];
  return wrong.map((name) => `path-parameters-defined: ${place} ${name}`);
}

function unused(document: unknown, names: readonly string[]): readonly string[] {
  const text = JSON.stringify(document);
  return names.filter((name) => !text.includes(`"#/components/schemas/${name}"`));
}

/** Where a schema requires a property that it does not describe. */
function undefinedProperties(schema: unknown, place: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const entries = Object.entries(schema).filter(([key]) => key !== 'examples');
  const { required, properties } = Object.fromEntries<unknown>(entries);
  const described = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const missing = Array.isArray(required) ? required.filter((name) => !described.includes(String(name))) : [];
  return [
    ...missing.map((name) => `${place}/${String(name)}`),
    ...entries.flatMap(([key, value]) => undefinedProperties(value, `${place}/${key}`)),
  ];
}
