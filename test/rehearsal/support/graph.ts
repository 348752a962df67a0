import { type ArmAnswer, type ArmQuestion, ok, type State } from './resources.ts';

/** Answers the requests of `az ad app` to Microsoft Graph. */
export function answerGraph({ method, path, query }: ArmQuestion, state: State): ArmAnswer | undefined {
  if (!path.startsWith('/v1.0/applications')) return undefined;
  const all = [...state].filter(([id]) => id.startsWith('graph:application:'));
  if (method === 'GET' && path === '/v1.0/applications') {
    const wanted = /'([^']+)'/.exec(query.get('$filter') ?? '')?.[1] ?? '';
    return ok({ value: all.map(([, held]) => held).filter((held) => JSON.stringify(held).includes(`"${wanted}"`)) });
  }
  const id = path.split('/').at(-1) ?? '';
  const held = all.find(([, one]) => one.id === id || one.appId === id);
  if (held === undefined)
    return { status: 404, body: { error: { code: 'Request_ResourceNotFound', message: `Resource '${id}' does not exist.` } } };
  if (method === 'DELETE') state.delete(held[0]);
  return method === 'DELETE' ? { status: 204 } : ok(held[1]);
}
