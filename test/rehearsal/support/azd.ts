import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { evaluateTemplate } from './evaluate.ts';
import type { State } from './resources.ts';
import { HOME } from './stand-in.ts';

const file = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) });
const types = z.object({
  main: z.record(z.string(), z.looseObject({ type: z.string().optional(), allowedValues: z.array(z.unknown()).optional() })),
});
const resource = z.looseObject({ id: z.string() });
const line = z.object({ posix: z.object({ run: z.string() }) });
const project = z.object({
  hooks: z.record(z.string(), line),
  services: z.record(z.string(), z.object({ hooks: z.record(z.string(), line) })),
});

/** Variables of an azd environment. */
export type Variables = Readonly<Record<string, string>>;

/**
 * The parameters that azd would pass: variables replaced, with their defaults, and converted to the declared types. Source: azure-dev
 * cli/azd/pkg/infra/provisioning/bicep/bicep_provider.go, which fills in by envsubst and converts numbers and booleans.
 */
export function azdParameters(root: string, variables: Variables): Readonly<Record<string, unknown>> {
  const { parameters } = file.parse(JSON.parse(readFileSync(join(root, 'infra/main.parameters.json'), 'utf8')));
  const { main } = types.parse(JSON.parse(readFileSync(join(root, 'test/infra/deployments/parameters.json'), 'utf8')));
  const filled = Object.entries(parameters).map(([name, { value }]) => {
    const text = value.replaceAll(/\$\{(\w+)(?:=([^}]*))?\}/g, (_, variable: string, fallback = '') => variables[variable] || fallback);
    return [name, converted(text, main[name]?.type)] as const;
  });
  return Object.fromEntries(filled);
}

function converted(text: string, type: string | undefined): unknown {
  if (type === 'int') return Number(text);
  return type === 'bool' ? text === 'true' : text;
}

/** `azd provision`: creates the resources of the template, and writes its outputs to the variables of the environment. */
export function provision(root: string, bicep: string, variables: Variables, state: State): Variables {
  // The compiler does not evaluate a given secret, not even an empty one.
  const given = Object.entries(azdParameters(root, variables)).filter(([, value]) => value !== '');
  const { resources, outputs } = evaluateTemplate(bicep, root, 'main.bicep', Object.fromEntries(given), `/subscriptions/${HOME}`);
  const known = z.record(z.string(), z.string()).parse(withPrincipals(outputs));
  for (const one of z.array(resource).parse(withPrincipals(resources))) state.set(one.id.toLowerCase(), one);
  const application = known.KATAUDIT_APPLICATION_ID_URI ?? '';
  if (application !== '')
    state.set(`graph:application:${application}`, { id: 'made-up-object', appId: 'made-up-client', identifierUris: [application] });
  return { ...variables, AZURE_SUBSCRIPTION_ID: HOME, ...known };
}

/** The object id of an identity, which only Azure knows, becomes one that names the identity; other values that only Azure knows stay expressions. */
function withPrincipals(evaluated: unknown): unknown {
  const expression = /\[reference\('[^']*\/userAssignedIdentities\/([^'/]+)', '[^']*'\)\.principalId\]/g;
  return JSON.parse(JSON.stringify(evaluated).replaceAll(expression, 'principal-of-$1'));
}

/** The line of a hook that azd runs, of the project or of a service. */
export function hookLine(root: string, name: string): string {
  const { hooks, services } = project.parse(parse(readFileSync(join(root, 'azure.yaml'), 'utf8')));
  const found = hooks[name] ?? Object.values(services).find((one) => name in one.hooks)?.hooks[name];
  if (found === undefined) throw new Error(`azure.yaml has no hook ${name}.`);
  return found.posix.run;
}
