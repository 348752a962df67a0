import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { plain } from './table.ts';

/** What Node reports about its HTTP client (nodejs.org/api/diagnostics_channel.html#http). */
interface Told {
  readonly request: ClientRequest;
  readonly response?: IncomingMessage;
  readonly error?: Error;
}

/**
 * Prints each HTTP call when it has ended, with its status and duration. Queries are left out because they can contain
 * continuation tokens and signatures. Headers and bodies are never printed.
 */
export function sayCalls(say: (line: string) => void, now: () => number = () => performance.now()): void {
  const started = new WeakMap<ClientRequest, number>();
  const ended = ({ request }: Told, what: string) => {
    const milliseconds = Math.round(now() - (started.get(request) ?? now()));
    const [path = ''] = request.path.split('?');
    say(plain(`${request.method} ${request.protocol}//${request.host}${path} ${what}, ${milliseconds} ms`));
  };
  subscribe('http.client.request.start', (told) => isTold(told) && started.set(told.request, now()));
  subscribe('http.client.response.finish', (told) => isTold(told) && ended(told, String(told.response?.statusCode ?? '')));
  subscribe('http.client.request.error', (told) => isTold(told) && ended(told, `failed: ${told.error?.message ?? ''}`));
}

function isTold(message: unknown): message is Told {
  return typeof message === 'object' && message !== null && 'request' in message;
}
