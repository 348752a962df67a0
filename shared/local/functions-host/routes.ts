import { type Constraint, parseConstraint } from './route-constraints.ts';

/** A parsed route template. */
export interface RouteTemplate {
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly optional: boolean; readonly constraints: readonly Constraint[] }
  | { readonly kind: 'rest'; readonly name: string };

const PARAMETER = /^\{(?<stars>\*{0,2})(?<name>\w+)(?<constraints>(?::\w+(?:\([^)]*\))?)*)(?<optional>\?)?\}$/;

/** Reads a template such as `items/{id:int}/{*rest}`; throws for one that the local host does not support. */
export function parseRoute(template: string, functionName: string): RouteTemplate {
  const parts = template.split('/').filter((part) => part !== '');
  return { segments: parts.map((part) => segmentOf(part, functionName)) };
}

function segmentOf(part: string, functionName: string): Segment {
  if (!/[{}]/.test(part)) return { kind: 'literal', text: part.toLowerCase() };
  const { stars, name, constraints = '', optional } = PARAMETER.exec(part)?.groups ?? {};
  if (name === undefined) throw new Error(`The function ${functionName} has ${part} in its route, which is not served locally.`);
  if (stars !== '') return { kind: 'rest', name };
  const named = constraints.split(':').filter((text) => text !== '');
  return { kind: 'parameter', name, optional: optional !== undefined, constraints: named.map((text) => constraintOf(text, functionName)) };
}

function constraintOf(text: string, functionName: string): Constraint {
  const constraint = parseConstraint(text);
  if (constraint !== undefined) return constraint;
  throw new Error(`The function ${functionName} has the route constraint ${text}, which is not served locally.`);
}

/** The parameters of a path that a template matches; `undefined` when it does not. Parameters without a value are left out. */
export function matchRoute({ segments }: RouteTemplate, path: string): Record<string, string> | undefined {
  const parts = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (segment.kind === 'rest') return part === undefined ? parameters : { ...parameters, [segment.name]: parts.slice(at).join('/') };
    // Two consecutive slashes contain an empty segment, which no route of the real host matches.
    if (part === '') return undefined;
    if (part === undefined) return segment.kind === 'parameter' && segment.optional ? parameters : undefined;
    if (segment.kind === 'literal') {
      if (segment.text !== part.toLowerCase()) return undefined;
    } else if (segment.constraints.every((takes) => takes(part))) parameters[segment.name] = part;
    else return undefined;
  }
  return parts.length > segments.length ? undefined : parameters;
}
