import { type IncomingMessage, request as sendRequest } from 'node:http';
import { httpStreamAddress, type RpcTypedData } from './core-module.ts';
import type { CallStreaming, HostRequest, HostResponse } from './http-exchange.ts';
import { invoke } from './invoke.ts';

/** For apps that set `enableHttpStream`: requests go to the server that the library then opens; `undefined` for others. */
export async function httpStream(): Promise<CallStreaming | undefined> {
  const address = await httpStreamAddress();
  if (address === undefined) return undefined;
  return (...call) => forward(address, ...call);
}

async function forward(address: string, ...[called, request, params, log, invocationId]: Parameters<CallStreaming>): Promise<HostResponse> {
  const failed = new AbortController();
  const invoked = invoke(called, { http: {} }, metadataOf(request, params), log, invocationId).catch((error: unknown) => {
    failed.abort(error);
    throw error;
  });
  const answered = send(address, invocationId, request, failed.signal);
  // Normally the answer arrives first; a function that throws sends none.
  const first = await Promise.race([answered, invoked.then(() => answered)]);
  failed.signal.addEventListener('abort', () => first.destroy(new Error(`The function ${called.name} failed while it answered.`)));
  // From here on, an aborted response reports a failure.
  invoked.catch((error: unknown) => log(`error ${called.name}: ${String(error)}`));
  return { status: first.statusCode ?? 500, headers: headersOf(first), body: first };
}

/** The library takes headers and route parameters from here, and the rest from the forwarded request. */
function metadataOf({ headers }: HostRequest, params: Readonly<Record<string, string>>): Record<string, RpcTypedData> {
  const named = Object.entries(params).map(([name, value]) => [name, { string: value }] as const);
  return { ...Object.fromEntries(named), Headers: { json: JSON.stringify(headers) } };
}

function send(address: string, invocationId: string, { method, url, body }: HostRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = {
    'x-ms-invocation-id': invocationId,
    'x-forwarded-host': url.host,
    'x-forwarded-proto': url.protocol.replace(':', ''),
    'content-length': body.length,
  };
  return new Promise((done, fail) => {
    const sent = sendRequest(new URL(`${url.pathname}${url.search}`, address), { method, headers }, done);
    sent.on('error', fail);
    signal.addEventListener('abort', () => sent.destroy());
    sent.end(body);
  });
}

function headersOf({ headers }: IncomingMessage): Record<string, string | readonly string[]> {
  const own = ['connection', 'keep-alive', 'transfer-encoding', 'x-ms-invocation-id'];
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined || own.includes(name) ? [] : [[name, value]])),
  );
}
