import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage, ServerResponse } from 'node:http';

/** The header in which the Functions host sends the invocation id of a request. */
const INVOCATION = 'x-ms-invocation-id';
/** What Node.js publishes when a server of this process has read the head of a request. */
const REQUEST_START = 'http.server.request.start';

const waiting = new Map<string, ServerResponse>();

/**
 * Starts to record the response of each streamed invocation. `@azure/functions` writes a
 * body as fast as it is produced, even when the client does not read, and leaves a failed body open. With
 * the response, `flowing` can wait for the client and end with it.
 */
export function followAnswers(): void {
  subscribe(REQUEST_START, note);
}

function note(message: unknown): void {
  if (typeof message !== 'object' || message === null || !('request' in message) || !('response' in message)) return;
  const { request, response } = message;
  if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return;
  const id = request.headers[INVOCATION];
  if (typeof id !== 'string') return;
  waiting.set(id, response);
  response.once('close', () => waiting.delete(id));
}

/**
 * The same body with backpressure from the client: nothing more is read for a client
 * that has disconnected, and a failure aborts the response, so that a partial response never looks complete.
 */
export function flowing(body: ReadableStream<Uint8Array>, invocationId: string): ReadableStream<Uint8Array> {
  const response = waiting.get(invocationId);
  if (response === undefined) return body;
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        await room(response);
        if (response.destroyed) {
          await reader.cancel();
          controller.close();
          return;
        }
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          response.destroy();
          throw error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Resolves when the written data was sent or the client has disconnected. */
async function room(response: ServerResponse): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve);
  response.once('close', resolve);
  await promise;
  response.off('drain', resolve);
  response.off('close', resolve);
}
