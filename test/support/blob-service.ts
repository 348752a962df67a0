import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A stored blob. */
interface HeldBlob {
  readonly content: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly type: string;
  readonly writtenAt: Date;
}

/** The answer to requests that a test selects. */
export interface BlobFault {
  /** Matches `GET /container/name?comp=…`. */
  readonly request: RegExp;
  readonly answer: number | 'breaks' | 'hangs' | 'breaks after a byte';
  /** The error code of the service. */
  readonly code?: string;
  /** How often; always when it is absent. */
  times?: number;
}

/**
 * Blobs, queues and tables of one storage account on loopback, with the features that the stores use: versions and their conditions, blocks,
 * lists and messages. The contract suite checks with Azurite that the service answers like this. Source:
 * learn.microsoft.com/rest/api/storageservices (Put Blob, Put Block List, Get Blob, conditional headers, Put Message).
 */
export class BlobService {
  readonly blobs = new Map<string, HeldBlob>();
  /** Queues, tables and containers that were created, and messages that were queued. */
  readonly made: string[] = [];
  readonly messages: { readonly queue: string; readonly text: string; readonly visibility: string }[] = [];
  readonly requests: string[] = [];
  fault: BlobFault | undefined;
  now = new Date('2026-11-23T12:00:00.000Z');
  readonly #blocks = new Map<string, Buffer>();
  #versions = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<BlobService> {
    const service = new BlobService();
    await new Promise<void>((done) => service.#server.listen(0, '127.0.0.1', done));
    return service;
  }

  get connectionString(): string {
    const { port } = this.#server.address() as AddressInfo;
    const at = (service: string) => `${service}Endpoint=http://127.0.0.1:${port}/${service.toLowerCase()};`;
    return `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;${at('Blob')}${at('Queue')}${at('Table')}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service');
    const [, service = '', container = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const name = rest.join('/');
    const what = `${request.method} /${[container, ...rest].join('/')}${searchParams.has('comp') ? `?comp=${searchParams.get('comp')}` : ''}`;
    const { 'if-match': only, 'if-none-match': unless } = request.headers;
    this.requests.push([what, ...(only === undefined ? [] : ['of', only]), ...(unless === undefined ? [] : ['unless', unless])].join(' '));
    const { fault } = this;
    if (fault?.request.test(what) === true && fault.times !== 0) {
      if (fault.times !== undefined) fault.times -= 1;
      if (fault.answer === 'breaks') request.socket.destroy();
      else if (fault.answer === 'breaks after a byte') {
        response.writeHead(200, { etag: '"0x1"', 'content-length': '100' });
        response.write('{', () => response.destroy());
      } else if (fault.answer !== 'hangs') refuse(response, fault.answer, fault.code);
    } else if (service === 'blob' && name !== '') this.#blob(request, response, `${container}/${name}`, searchParams, body);
    else if (service === 'blob' && searchParams.get('comp') === 'list') this.#list(response, `${container}/${searchParams.get('prefix')}`);
    else if (service === 'queue' && request.method === 'POST') this.#queue(response, container, searchParams, body);
    else if (service === 'table' && request.method === 'PUT') response.writeHead(204, { etag: 'W/"1"' }).end();
    else if (service === 'table' && request.method === 'GET' && container.endsWith('()'))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":[]}');
    else this.#make(response, service, service === 'table' ? JSON.parse(body.toString()).TableName : container);
  }

  #blob(request: IncomingMessage, response: ServerResponse, path: string, search: URLSearchParams, body: Buffer): void {
    const held = this.blobs.get(path);
    const [unless, only] = [request.headers['if-none-match'], request.headers['if-match']];
    if (search.get('comp') === 'block') {
      this.#blocks.set(`${path} ${search.get('blockid')}`, body);
      response.writeHead(201).end();
    } else if (only !== undefined && only !== held?.etag) refuse(response, 412);
    else if (request.method === 'PUT') {
      if (unless === '*' && held !== undefined) refuse(response, 409);
      else this.#write(request, response, path, search.get('comp') === 'blocklist' ? this.#blockList(path, body) : body);
    } else if (held === undefined) refuse(response, 404, 'BlobNotFound');
    else if (unless !== undefined && unless === held.etag) refuse(response, 304);
    else if (request.method === 'DELETE') {
      this.blobs.delete(path);
      response.writeHead(202).end();
    } else this.#read(request, response, held);
  }

  #blockList(path: string, body: Buffer): Buffer {
    const ids = [...body.toString().matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id]) => id);
    return Buffer.concat(ids.map((id) => this.#blocks.get(`${path} ${id}`) ?? Buffer.alloc(0)));
  }

  #write({ headers }: IncomingMessage, response: ServerResponse, path: string, content: Buffer): void {
    this.#versions += 1;
    const etag = `"0x${this.#versions}"`;
    const metadata = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-ms-meta-') ? [[name, String(value)] as const] : [])),
    );
    this.blobs.set(path, { content, etag, metadata, type: String(headers['x-ms-blob-content-type']), writtenAt: this.now });
    response.writeHead(201, { etag, 'last-modified': this.now.toUTCString() }).end();
  }

  #read({ method, headers }: IncomingMessage, response: ServerResponse, { content, etag, metadata, writtenAt }: HeldBlob): void {
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(String(headers['x-ms-range'] ?? '')) ?? [];
    const part = content.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
    const md5 = createHash('md5').update(part).digest('base64');
    response.writeHead(headers['x-ms-range'] === undefined ? 200 : 206, {
      etag,
      'last-modified': writtenAt.toUTCString(),
      'content-length': String(method === 'HEAD' ? content.length : part.length),
      'content-md5': md5,
      ...metadata,
    });
    response.end(method === 'HEAD' ? undefined : part);
  }

  #list(response: ServerResponse, below: string): void {
    const names = [...this.blobs].filter(([path]) => path.startsWith(below));
    const blobs = names.map(([path, { writtenAt }]) => {
      const properties = `<Properties><Last-Modified>${writtenAt.toUTCString()}</Last-Modified></Properties>`;
      return `<Blob><Name>${path.split('/').slice(1).join('/')}</Name>${properties}</Blob>`;
    });
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><EnumerationResults><Blobs>${blobs.join('')}</Blobs><NextMarker/></EnumerationResults>`);
  }

  #queue(response: ServerResponse, queue: string, search: URLSearchParams, body: Buffer): void {
    const [, text = ''] = /<MessageText>([^<]*)<\/MessageText>/.exec(body.toString()) ?? [];
    this.messages.push({ queue, text: Buffer.from(text, 'base64').toString(), visibility: search.get('visibilitytimeout') ?? '' });
    response.writeHead(201, { 'content-type': 'application/xml' });
    response.end('<?xml version="1.0"?><QueueMessagesList><QueueMessage><MessageId>m</MessageId></QueueMessage></QueueMessagesList>');
  }

  #make(response: ServerResponse, service: string, name: string): void {
    if (this.made.includes(`${service} ${name}`)) refuse(response, 409, EXISTS[service]);
    else {
      this.made.push(`${service} ${name}`);
      response.writeHead(201).end();
    }
  }
}

const EXISTS: Readonly<Record<string, string>> = {
  queue: 'QueueAlreadyExists',
  blob: 'ContainerAlreadyExists',
  table: 'TableAlreadyExists',
};

function refuse(response: ServerResponse, status: number, code = 'Refused'): void {
  const isTable = code === EXISTS.table;
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  const json = JSON.stringify({ 'odata.error': { code, message: { lang: 'en', value: 'no' } } });
  response.writeHead(status, { 'x-ms-error-code': code, 'content-type': isTable ? 'application/json' : 'application/xml' });
  response.end(status === 304 ? undefined : isTable ? json : xml);
}
