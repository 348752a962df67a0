import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { runBicep } from '../../../scripts/templates/evaluate.ts';
import type { Evaluate } from './deployments.ts';
import type { Resource } from './resources.ts';
import { TENANT } from './stand-in.ts';

const snapshot = z.object({ predictedResources: z.array(z.record(z.string(), z.unknown())), outputs: z.record(z.string(), z.unknown()) });

/** The resources and outputs of a template. */
export interface Evaluated {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Evaluates a template of `infra/` with these values by the Bicep compiler, for a scope such as `/subscriptions/GUID`. */
export function evaluateTemplate(bicep: string, root: string, template: string, values: object, scope: string): Evaluated {
  const folder = mkdtempSync(join(tmpdir(), 'kataudit-rehearsal-'));
  try {
    const using = relative(folder, join(root, 'infra', template)).replaceAll('\\', '/');
    const lines = Object.entries(values).map(([name, value]) => `param ${name} = json('${escaped(JSON.stringify(value))}')`);
    writeFileSync(join(folder, 'given.bicepparam'), [`using '${using}'`, ...lines, ''].join('\n'));
    const target = scope.toLowerCase().startsWith('/subscriptions/') ? '--subscription-id' : '--management-group-id';
    const where = [
      '--tenant-id',
      TENANT,
      target,
      scope.split('/').at(-1) ?? '',
      '--location',
      'westeurope',
      '--deployment-name',
      'rehearsal',
    ];
    runBicep(bicep, folder, 'snapshot', 'given.bicepparam', '--mode', 'overwrite', ...where);
    const { predictedResources, outputs } = snapshot.parse(JSON.parse(readFileSync(join(folder, 'given.snapshot.json'), 'utf8')));
    // Resource Manager returns a resource with only its own name, and the kind of an app's plan.
    const resources = predictedResources.flatMap((one) => (typeof one.id === 'string' ? [{ ...one, name: one.id.split('/').at(-1) }] : []));
    return { resources: resources.map(withPlan), outputs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For deployments that arrive over the wire. */
export function evaluator(bicep: string, root: string): Evaluate {
  const files = { events: 'events.bicep', 'management-group': 'roles/management-group.bicep' };
  return (template, values, scope) => evaluateTemplate(bicep, root, files[template], values, scope).resources;
}

function withPlan(one: Resource): Resource {
  if (one.type !== 'Microsoft.Web/sites') return one;
  return { ...one, kind: 'functionapp,linux', properties: { ...Object(one.properties), sku: 'FlexConsumption' } };
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${');
}
