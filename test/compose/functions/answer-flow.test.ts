import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flowing, followAnswers } from '../../../shared/compose/functions/answer-flow.ts';

const answers = new Map<string, (response: ServerResponse) => Promise<void>>();
let server: Server;
let origin: string;

beforeAll(async () => {
  followAnswers();
  server = createServer((request, response) => {
    const work = answers.get(String(request.headers['x-ms-invocation-id']));
    // Like the library: an error here is reported elsewhere, and the response is left unchanged.
    work?.(response).catch(() => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : expect.unreachable();
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

/** Requests the answer of an invocation, written like the library writes it: every chunk at once. */
function answered(id: string, body: ReadableStream<Uint8Array>): Promise<Response> {
  answers.set(id, async (response) => {
    for await (const chunk of flowing(body, id)) response.write(chunk);
    response.end();
  });
  return fetch(origin, { headers: { 'x-ms-invocation-id': id } });
}

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

describe('a streamed answer', () => {
  it('contains the whole body', async () => {
    const response = await answered('whole', ReadableStream.from(parts('a', 'b', 'c')));
    expect(await response.text()).toBe('abc');
  });

  it('is cut off when its body fails in the middle', async () => {
    const arrived = Promise.withResolvers<void>();
    const broken = async function* () {
      yield* parts('half');
      await arrived.promise;
      throw new Error('asked to fail');
    };
    const response = await answered('broken', ReadableStream.from(broken()));
    const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'half' });
    arrived.resolve();
    await expect(reader.read()).rejects.toThrow('terminated');
  });

  it('keeps no state of a finished answer', async () => {
    await (await answered('ended', ReadableStream.from(parts('a')))).text();
    // The response closes after the last byte.
    await new Promise((done) => setImmediate(done));
    const body = ReadableStream.from(parts('b'));
    expect(flowing(body, 'ended')).toBe(body);
  });

  it('is the body itself when no response is known', async () => {
    const body = ReadableStream.from(parts('a'));
    expect(flowing(body, 'unknown')).toBe(body);
    expect(await new Response(body).text()).toBe('a');
  });
});

describe('a body whose reader is slow or gone', () => {
  /** The response of an invocation as Node.js tells of it, and a body that counts what is read of it. */
  function aResponse(id: string, cancelling?: Promise<void>) {
    const request = new IncomingMessage(new Socket());
    request.headers['x-ms-invocation-id'] = id;
    const response = new ServerResponse(request);
    let needsDrain = false;
    Object.defineProperty(response, 'writableNeedDrain', { get: () => needsDrain });
    channel('http.server.request.start').publish({ request, response });
    let read = 0;
    const cancelled: unknown[] = [];
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          read += 1;
          if (read > 3) controller.close();
          else controller.enqueue(Uint8Array.of(read));
        },
        cancel: (reason) => {
          cancelled.push(reason);
          return cancelling;
        },
      },
      { highWaterMark: 0 },
    );
    const full = (isFull: boolean) => {
      needsDrain = isFull;
    };
    return { response, full, cancelled, reads: () => read, flow: flowing(source, id) };
  }
  const soon = () => new Promise((done) => setImmediate(done));

  it('is read only when somebody asks, and when what was written before has gone out', async () => {
    const { response, full, reads, flow } = aResponse('slow');
    const listeners = () => [response.listenerCount('drain'), response.listenerCount('close')];
    const before = listeners();
    await soon();
    expect(reads()).toBe(0);
    const reader = flow.getReader();
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(1) });
    full(true);
    const next = reader.read();
    await soon();
    expect(reads()).toBe(1);
    full(false);
    response.emit('drain');
    expect(await next).toEqual({ done: false, value: Uint8Array.of(2) });
    expect(listeners()).toEqual(before);
    expect([await reader.read(), await reader.read()]).toEqual([
      { done: false, value: Uint8Array.of(3) },
      { done: true, value: undefined },
    ]);
  });

  it('is not looked for in what is no request to the host', async () => {
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    const start = channel('http.server.request.start');
    for (const message of [
      undefined,
      null,
      'text',
      {},
      { request },
      { request: {}, response },
      { request, response: {} },
      { request, response },
    ])
      start.publish(message);
    const body = ReadableStream.from(parts('a'));
    expect(flowing(body, 'undefined')).toBe(body);
  });

  it('is read no more once the reader has hung up, be it while it waits', async () => {
    const { response, full, reads, cancelled, flow } = aResponse('gone');
    const reader = flow.getReader();
    await reader.read();
    full(true);
    const next = reader.read();
    await soon();
    response.destroyed = true;
    response.emit('close');
    expect(await next).toEqual({ done: true, value: undefined });
    expect([reads(), cancelled]).toEqual([1, [undefined]]);
  });

  it('is over for a reader who has hung up only when its source is', async () => {
    const source = Promise.withResolvers<void>();
    const { response, cancelled, flow } = aResponse('ends', source.promise);
    response.destroyed = true;
    let isOver = false;
    const next = flow
      .getReader()
      .read()
      .then(({ done }) => {
        isOver = done;
      });
    await soon();
    expect([cancelled, isOver]).toEqual([[undefined], false]);
    source.resolve();
    await next;
    expect(isOver).toBe(true);
  });

  it('is given up with the reason when the answer is', async () => {
    const { cancelled, flow } = aResponse('given-up');
    await flow.cancel('why');
    expect(cancelled).toEqual(['why']);
  });
});
