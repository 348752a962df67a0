import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { createAuthority } from '../../../shared/local/estate/server/certificates.ts';
import { answerCluster } from './clusters.ts';
import { answerDeployment, type Evaluate } from './deployments.ts';
import { answerGraph } from './graph.ts';
import { type ArmAnswer, type ArmQuestion, answerResource, type State } from './resources.ts';

/** A simulated Azure for the Azure CLI: Resource Manager and Graph over HTTPS, and the token endpoint of a managed identity. */
export interface StandIn {
  readonly url: string;
  readonly tokenUrl: string;
  readonly caPem: string;
  /** Every existing resource, by its id in lower case. */
  readonly state: State;
  /** The requests, as `METHOD path`, with their results. */
  readonly requests: { readonly what: string; readonly status: number }[];
  /** Unknown requests: a command sends a request that the simulation does not support. */
  readonly unknown: string[];
  stop(): Promise<void>;
}

export const TENANT = '22222222-2222-4222-8222-222222222222';
export const HOME = '11111111-1111-4111-8111-111111111111';
export const OTHER = '33333333-3333-4333-8333-333333333333';

/** Starts the simulated Azure on loopback; the test provides the evaluation of templates. */
export async function startStandIn(evaluate: Evaluate): Promise<StandIn> {
  const authority = await createAuthority('kataudit-rehearsal');
  const { certificate, key } = await authority.server();
  const state: State = new Map();
  const requests: { what: string; status: number }[] = [];
  const unknown: string[] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const question = await questionOf(request);
    const given =
      (await answerDeployment(question, state, evaluate)) ??
      answerCluster(question, state) ??
      answerGraph(question, state) ??
      answerResource(question, state);
    const what = `${question.method} ${question.path}`;
    requests.push({ what, status: given?.status ?? 404 });
    if (given === undefined) unknown.push(what);
    send(response, given ?? { status: 404, body: { error: { code: 'UnknownToStandIn', message: `The stand-in does not know ${what}` } } });
  };
  const tokens = createHttp((_, response) => send(response, { status: 200, body: tokenAnswer() }));
  const [port, tokenPort] = await Promise.all([server, tokens].map(listen));
  return {
    url: `https://127.0.0.1:${port}`,
    tokenUrl: `http://127.0.0.1:${tokenPort}/msi/token`,
    caPem: authority.caPem,
    state,
    requests,
    unknown,
    stop: async () => {
      for (const one of [server, tokens]) {
        one.closeAllConnections();
        await new Promise((done) => one.close(done));
      }
    },
  };
}

function listen(server: ReturnType<typeof createHttp> | ReturnType<typeof createServer>): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') fail(new Error('The stand-in has no port.'));
      else done(address.port);
    });
  });
}

async function questionOf(request: IncomingMessage): Promise<ArmQuestion> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    text,
    origin: `https://${request.headers.host}`,
  };
}

/** Without `Retry-After`, az waits 30 seconds for a poll. */
function send(response: ServerResponse, { status, body, headers = {} }: ArmAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function tokenAnswer() {
  const claims = { tid: TENANT, oid: '55555555-5555-4555-8555-555555555555', appid: '66666666-6666-4666-8666-666666666666' };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    access_token: `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${part('unsigned')}`,
    expires_on: String(Math.floor(Date.now() / 1_000) + 86_400),
    resource: 'https://127.0.0.1',
    token_type: 'Bearer',
    client_id: claims.appid,
  };
}
