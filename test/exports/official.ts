import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { z } from 'zod';

const folder = fileURLToPath(new URL('../../../shared/data/schemas/', import.meta.url));

/** Why tests against the official schemas are skipped; `undefined` when they can run. */
export const missingSchemas = existsSync(folder) ? undefined : `skipped: the official schemas do not lie beside this checkout`;

/** OCSF 1.8.0 Compliance Finding. */
export function ocsfSchema(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(json('ocsf-1.8.0-compliance-finding.schema.json'));
}

/** SARIF 2.1.0; the schema declares draft 4 but uses only features of draft 7. */
export function sarifSchema(): ValidateFunction {
  const { $schema: _draft, id: _id, ...schema } = json('sarif-2.1.0.schema.json');
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/** OpenReports v1alpha1, by kind. */
export function openReportsSchema(kind: 'Report' | 'ClusterReport'): ValidateFunction {
  const crd = z
    .object({
      spec: z.object({
        versions: z.array(z.object({ name: z.string(), schema: z.object({ openAPIV3Schema: z.record(z.string(), z.unknown()) }) })),
      }),
    })
    .parse(parse(text(`openreports.io_${kind.toLowerCase()}s.yaml`)));
  const version = crd.spec.versions.find(({ name }) => name === 'v1alpha1');
  if (version === undefined) throw new Error('The CRD has no v1alpha1.');
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { int64: true, int32: true } });
  addFormats.default(ajv);
  return ajv.compile(closed(version.schema.openAPIV3Schema));
}

/** Kubernetes drops fields that a CRD does not name; here they are an error. */
function closed(schema: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({
      ...schema,
      ...('properties' in schema && !('additionalProperties' in schema) ? { additionalProperties: false } : {}),
    }).map(([key, value]) => {
      if (key === 'properties')
        return [key, Object.fromEntries(Object.entries(object(value)).map(([name, one]) => [name, closed(object(one))]))];
      return [key, key === 'items' ? closed(object(value)) : value];
    }),
  );
}

function object(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(value);
}

function json(name: string): Record<string, unknown> {
  return object(JSON.parse(text(name)));
}

function text(name: string): string {
  return readFileSync(`${folder}${name}`, 'utf8');
}
