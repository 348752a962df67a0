/** A route template, taken apart. */
export interface RouteTemplate {
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly optional: boolean; readonly matches: RegExp }
  | { readonly kind: 'rest'; readonly name: string };

/** The constraints of ASP.NET Core routes that a value can be held against. */
const CONSTRAINTS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d+$/,
  long: /^-?\d+$/,
  guid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  alpha: /^[a-z]+$/i,
  bool: /^(?:true|false)$/i,
};

/** Reads a template such as `items/{id:int}/{*rest}`; throws for a constraint that the local host does not know. */
export function parseRoute(template: string, functionName: string): RouteTemplate {
  const segments = template
    .split('/')
    .filter((part) => part !== '')
    .map((part): Segment => {
      const [, star, name, constraint, optional] = /^\{(\*{0,2})(\w+)(?::(\w+))?(\?)?\}$/.exec(part) ?? [];
      if (name === undefined) return { kind: 'literal', text: part.toLowerCase() };
      if (star !== '') return { kind: 'rest', name };
      const matches = constraint === undefined ? /./ : CONSTRAINTS[constraint];
      if (matches === undefined)
        throw new Error(`The function ${functionName} has the route constraint ${constraint}, which is not served locally.`);
      return { kind: 'parameter', name, optional: optional !== undefined, matches };
    });
  return { segments };
}

/** The parameters of a path that a template matches; `undefined` when it does not. Parameters without a value are left out. */
export function matchRoute({ segments }: RouteTemplate, path: string): Record<string, string> | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const parameters: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const part = parts[at];
    if (segment.kind === 'rest') return part === undefined ? parameters : { ...parameters, [segment.name]: parts.slice(at).join('/') };
    if (part === undefined) return segment.kind === 'parameter' && segment.optional ? parameters : undefined;
    if (segment.kind === 'literal') {
      if (segment.text !== part.toLowerCase()) return undefined;
    } else if (segment.matches.test(part)) parameters[segment.name] = part;
    else return undefined;
  }
  return parts.length > segments.length ? undefined : parameters;
}

/** Orders templates by how exact they are: literal text wins over parameters, and those over a rest. */
export function precedence({ segments }: RouteTemplate): string {
  return segments.map(({ kind }) => ({ literal: '0', parameter: '1', rest: '2' })[kind]).join('');
}
