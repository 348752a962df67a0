import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** The fault of a request to storage. */
export type StorageFault =
  /** Refused, and not applied. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** Applied, and then answered with a failure. */
  | { readonly kind: 'done-but'; readonly status: number; readonly code: string }
  /** A batch that is accepted, with the answer that one step failed, so that none was applied. */
  | { readonly kind: 'failed-batch'; readonly status: number; readonly code: string }
  /** The connection breaks before storage receives it, after storage has applied it, or in the middle of the answer. */
  | { readonly kind: 'cut'; readonly moment: 'before' | 'after' | 'in-the-answer' }
  /** No answer; storage never receives it. */
  | { readonly kind: 'hang' };

/** The requests that fail. */
export interface StorageFaultRule {
  /** Tested against `<METHOD> <path>`, followed by the body of a batch. */
  readonly request: RegExp;
  /** How many of them; all when absent. */
  readonly times?: number;
  readonly fault: StorageFault;
}

/** A proxy between the app and the emulator that makes some requests fail. */
export interface FaultyStorage {
  readonly connectionString: string;
  /** Replaces the rule in force; returns how many requests have failed by it so far. */
  inject(rule: StorageFaultRule | undefined): () => number;
  stop(): Promise<void>;
}

/** Starts one for each endpoint that a connection string names. */
export async function startFaultyStorage(connectionString: string): Promise<FaultyStorage> {
  const agent = new Agent({ keepAlive: true });
  const servers: Server[] = [];
  let live: { readonly rule: StorageFaultRule; hits: number } | undefined;
  const faultFor = (asked: string): StorageFault | undefined => {
    if (live === undefined || !live.rule.request.test(asked) || live.hits >= (live.rule.times ?? Number.POSITIVE_INFINITY))
      return undefined;
    live.hits += 1;
    return live.rule.fault;
  };
  let proxied = connectionString;
  for (const [, origin = ''] of connectionString.matchAll(/Endpoint=(http:\/\/[^/;]+)/g)) {
    const server = createServer((incoming, outgoing) => {
      bodyOf(incoming).then(
        (body) =>
          answer(
            { incoming, outgoing, body, origin, agent },
            faultFor(`${incoming.method} ${decodeURIComponent(incoming.url ?? '')} ${body.toString('utf8')}`),
          ),
        () => outgoing.destroy(),
      );
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    proxied = proxied.replace(origin, addressOf(server));
  }
  return {
    connectionString: proxied,
    inject: (rule) => {
      const held = rule === undefined ? undefined : { rule, hits: 0 };
      live = held;
      return () => held?.hits ?? 0;
    },
    stop: async () => {
      agent.destroy();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
  readonly origin: string;
  readonly agent: Agent;
}

function answer(exchange: Exchange, fault: StorageFault | undefined): void {
  const { outgoing } = exchange;
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'refused') {
    refuse(outgoing, fault);
    return;
  }
  if (fault?.kind === 'failed-batch') {
    failBatch(outgoing, fault);
    return;
  }
  if (fault?.kind === 'cut' && fault.moment === 'before') {
    outgoing.destroy();
    return;
  }
  forward(exchange, (answered) => {
    if (fault === undefined) {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(outgoing);
      return;
    }
    bodyOf(answered).then(
      (body) => {
        if (fault.kind === 'done-but') refuse(outgoing, fault);
        else if (fault.kind === 'cut' && fault.moment === 'in-the-answer' && body.length > 1) {
          outgoing.writeHead(answered.statusCode ?? 502, { ...answered.headers, 'content-length': body.length });
          outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
        } else outgoing.destroy();
      },
      () => outgoing.destroy(),
    );
  });
}

function forward({ incoming, outgoing, body, origin, agent }: Exchange, then: (answered: IncomingMessage) => void): void {
  const forwarded = request(`${origin}${incoming.url}`, { method: incoming.method, headers: incoming.headers, agent }, then);
  forwarded.on('error', () => outgoing.destroy());
  forwarded.end(body);
}

/** A refusal like the service's: a code in a header and in a body. */
function refuse(outgoing: ServerResponse, { status, code }: { readonly status: number; readonly code: string }): void {
  const body = JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: `${code} on purpose` } } });
  outgoing.writeHead(status, { 'content-type': 'application/json', 'x-ms-error-code': code, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

/** Source: learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions, the answer to a failed change set. */
function failBatch(outgoing: ServerResponse, { status, code }: { readonly status: number; readonly code: string }): void {
  const error = JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: `0:${code} on purpose` } } });
  const body = [
    '--batchresponse_1',
    'Content-Type: multipart/mixed; boundary=changesetresponse_1',
    '',
    '--changesetresponse_1',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/json;odata=minimalmetadata',
    '',
    error,
    '--changesetresponse_1--',
    '--batchresponse_1--',
    '',
  ].join('\r\n');
  outgoing.writeHead(202, { 'content-type': 'multipart/mixed; boundary=batchresponse_1', 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return `http://127.0.0.1:${address.port}`;
}
