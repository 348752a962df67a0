import { z } from 'zod';
import { type ArmAnswer, type ArmQuestion, ok, type Resource, refused, type State } from './resources.ts';

/** Evaluates the template of a deployment, which is recognized by its parameters, as it would be deployed there. */
export type Evaluate = (
  template: 'events' | 'management-group',
  values: Readonly<Record<string, unknown>>,
  scope: string,
) => readonly Resource[];

const PATH =
  /^(?<scope>.*)\/providers\/Microsoft\.Resources\/deployments\/(?<name>[^/]+?)(?<rest>\/(?:validate|whatIf|operationStatuses\/\w+))?$/i;
const body = z.object({
  location: z.string().optional(),
  properties: z.object({
    template: z.looseObject({ parameters: z.record(z.string(), z.looseObject({ defaultValue: z.unknown().optional() })) }),
    parameters: z.record(z.string(), z.object({ value: z.unknown() })),
  }),
});

/** Answers for deployments: checks parameters, keeps the location of a name, and adds the resources of the template to the state. */
export async function answerDeployment(question: ArmQuestion, state: State, evaluate: Evaluate): Promise<ArmAnswer | undefined> {
  const { scope = '', name = '', rest = '' } = PATH.exec(question.path)?.groups ?? {};
  if (name === '') return undefined;
  const id = `${scope}/providers/Microsoft.Resources/deployments/${name}`;
  if (question.method === 'GET' && rest.includes('operationStatuses')) return ok({ status: 'Succeeded' });
  if (question.method !== 'PUT' && question.method !== 'POST') return undefined;
  const { location, properties } = body.parse(JSON.parse(repaired(question.text)));
  const wrong = parameterProblem(properties);
  if (wrong !== undefined) return refused(400, 'InvalidTemplate', wrong);
  const before = z.object({ location: z.string() }).safeParse(state.get(id.toLowerCase())).data?.location;
  if (before !== undefined && before !== location) {
    return refused(409, 'InvalidDeploymentLocation', `The deployment '${name}' already exists in location '${before}'.`);
  }
  const shown = { id, name, location, properties: { provisioningState: 'Succeeded', parameters: properties.parameters } };
  if (question.method === 'POST') return ok(shown);
  const values = Object.fromEntries(Object.entries(properties.parameters).map(([key, { value }]) => [key, value]));
  const made = evaluate('deploymentToken' in values ? 'events' : 'management-group', values, scope);
  const missing = made.map(destinationOf).find((target) => target !== undefined && !state.has(target.toLowerCase()));
  if (missing !== undefined) return refused(400, 'Endpoint validation', 'Destination endpoint not found.');
  for (const one of made) state.set(String(one.id).toLowerCase(), one);
  state.set(id.toLowerCase(), shown);
  return {
    status: 201,
    body: shown,
    headers: { 'azure-asyncoperation': `${question.origin}${id}/operationStatuses/1?api-version=2022-09-01` },
  };
}

/** az inserts the template into the body under a key without quotes. */
function repaired(text: string): string {
  return text.replace(/([{,]\s*)template\s*:/, '$1"template":');
}

function parameterProblem({ template, parameters }: z.output<typeof body>['properties']): string | undefined {
  const known = Object.keys(template.parameters);
  const unknown = Object.keys(parameters).filter((name) => !known.includes(name));
  const missing = known.filter((name) => template.parameters[name]?.defaultValue === undefined && !(name in parameters));
  if (unknown.length > 0) return `The template does not take ${unknown.join(', ')}.`;
  return missing.length > 0 ? `The value for the template parameter '${missing[0]}' is not provided.` : undefined;
}

function destinationOf({ properties }: Resource): string | undefined {
  return z.object({ destination: z.object({ properties: z.object({ resourceId: z.string() }) }) }).safeParse(properties).data?.destination
    .properties.resourceId;
}
