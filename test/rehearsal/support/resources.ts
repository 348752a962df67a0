/** A resource in Resource Manager's format. */
export type Resource = Readonly<Record<string, unknown>>;
/** Every existing resource, by its id in lower case. */
export type State = Map<string, Resource>;

/** A parsed request. */
export interface ArmQuestion {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  /** The URL of the simulated Azure itself, for polling. */
  readonly origin: string;
}

/** An answer. */
export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const SUBSCRIPTIONS = ['11111111-1111-4111-8111-111111111111', '33333333-3333-4333-8333-333333333333'];
const TENANT = '22222222-2222-4222-8222-222222222222';

type Handler = (question: ArmQuestion, state: State, groups: Readonly<Record<string, string>>) => ArmAnswer;

const subscription = (id: string) => ({
  id: `/subscriptions/${id}`,
  subscriptionId: id,
  tenantId: TENANT,
  displayName: id,
  state: 'Enabled',
  subscriptionPolicies: {},
});

/** Requests with a special meaning; all others are for a resource, or a list of them. */
const HANDLERS: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['GET', /^\/subscriptions\/?$/i, () => ok({ value: SUBSCRIPTIONS.map(subscription) })],
  ['GET', /^\/tenants\/?$/i, () => ok({ value: [{ id: `/tenants/${TENANT}`, tenantId: TENANT }] })],
  ['GET', /^\/subscriptions\/(?<id>[^/]+)$/i, (_, __, { id = '' }) => ok(subscription(id))],
  [
    'POST',
    /^\/subscriptions\/[^/]+\/providers\/(?<name>[\w.]+)\/register$/i,
    (_, __, { name }) => ok({ namespace: name, registrationState: 'Registered' }),
  ],
  [
    'GET',
    /^\/subscriptions\/[^/]+\/providers\/(?<name>[\w.]+)$/i,
    (_, __, { name }) => ok({ namespace: name, registrationState: 'Registered', resourceTypes: [] }),
  ],
  ['GET', /\/providers\/Microsoft\.Web\/(?:locations\/[^/]+\/)?functionAppStacks$/i, () => ok({ value: [] })],
  ['POST', /\/sites\/[^/]+\/syncfunctiontriggers$/i, whenThere(() => ({ status: 204 }))],
  ['POST', /\/sites\/[^/]+\/(?:restart|stop|start)$/i, whenThere(() => ok({}))],
  [
    'POST',
    /\/sites\/[^/]+\/config\/appsettings\/list$/i,
    ({ path }, state) => ok({ id: path, name: 'appsettings', properties: settingsOf(state, path) }),
  ],
  [
    'GET',
    /\/sites\/[^/]+\/config\/(?:web|slotConfigNames)$/i,
    ({ path }) => ok({ id: path, name: path.split('/').at(-1), properties: {} }),
  ],
  [
    'PUT',
    /\/sites\/[^/]+\/host\/default\/(?:systemKeys|functionKeys)\/(?<name>\w+)$/i,
    (_, __, { name }) => ok({ name, value: 'made-up' }),
  ],
];

/** Answers get, put, delete and list requests for a resource; `undefined` for a request that is not Resource Manager's. */
export function answerResource(question: ArmQuestion, state: State): ArmAnswer | undefined {
  for (const [method, pattern, handler] of HANDLERS) {
    const match = method === question.method ? pattern.exec(question.path) : null;
    if (match !== null) return handler(question, state, match.groups ?? {});
  }
  const { method, path, text } = question;
  if (!/^\/(?:subscriptions|providers)\//i.test(path)) return undefined;
  if (method === 'DELETE') return removed(state, path);
  if (method === 'PUT') {
    state.set(path.toLowerCase(), { id: path, name: path.split('/').at(-1), ...(text === '' ? {} : JSON.parse(text)) });
    return ok(state.get(path.toLowerCase()));
  }
  if (method !== 'GET') return undefined;
  const held = state.get(path.toLowerCase());
  if (held !== undefined) return ok(held);
  return isList(path) ? ok({ value: listed(state, path, question.query.get('$filter') ?? '') }) : notFound(path);
}

function whenThere(answer: () => ArmAnswer): Handler {
  return ({ path }, state) => (state.has(path.toLowerCase().split('/').slice(0, 9).join('/')) ? answer() : notFound(path));
}

/** An id has a name for each type: a list ends with a type. */
function isList(path: string): boolean {
  const last = path.split(/\/providers\//i).at(-1) ?? '';
  const isProvider = /\/providers\//i.test(path);
  return last.split('/').filter((part) => part !== '').length % 2 === (isProvider ? 0 : 1);
}

function listed(state: State, path: string, filter: string): readonly Resource[] {
  const wanted = path.toLowerCase().replace(/\/$/, '');
  const [scope = '', type] = wanted.split(/\/providers\/(?=[^/]+\/[^/]+$)/);
  const found = [...state].filter(([id, held]) => {
    // A custom role is listed in every scope where it may be assigned.
    if (type === 'microsoft.authorization/roledefinitions')
      return /\/roledefinitions\/[^/]+$/.test(id) && JSON.stringify(held).toLowerCase().includes(`"${scope}"`);
    if (type === undefined) return id.startsWith(`${wanted}/`) && !id.slice(wanted.length + 1).includes('/');
    const [home = '', rest = ''] = id.split(/\/providers\/(?!.*\/providers\/)/);
    return (home === scope || home.startsWith(`${scope}/`)) && rest.startsWith(`${type}/`) && !rest.slice(type.length + 1).includes('/');
  });
  const role = /roleName eq '([^']*)'/.exec(filter)?.[1];
  return found.map(([, held]) => held).filter((held) => role === undefined || JSON.stringify(held).includes(JSON.stringify(role)));
}

function removed(state: State, path: string): ArmAnswer {
  const id = path.toLowerCase();
  const held = state.get(id);
  if (held === undefined) return { status: 204 };
  const role = id.split('/').at(-1) ?? '';
  const used = [...state.values()].some(({ properties }) =>
    JSON.stringify(properties ?? {})
      .toLowerCase()
      .includes(`roledefinitions/${role}`),
  );
  if (/\/roledefinitions\/[^/]+$/.test(id) && used) {
    return refused(409, 'RoleDefinitionHasAssignments', 'There are existing role assignments referencing role.');
  }
  for (const below of [...state.keys()].filter((one) => one === id || one.startsWith(`${id}/`))) state.delete(below);
  return ok(held);
}

function settingsOf(state: State, path: string): unknown {
  return state.get(path.toLowerCase().replace(/\/list$/, ''))?.properties ?? {};
}

/** A refusal in Resource Manager's format. */
export function refused(status: number, code: string, message: string): ArmAnswer {
  return { status, body: { error: { code, message } } };
}

/** An answer with a body. */
export function ok(body: unknown): ArmAnswer {
  return { status: 200, body };
}

function notFound(path: string): ArmAnswer {
  return refused(404, 'ResourceNotFound', `The resource ${path} was not found.`);
}
