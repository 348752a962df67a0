import type { Readable } from 'node:stream';
import type { RegisteredFunction } from './core-module.ts';
import type { FunctionLog } from './invoke.ts';

/** A request as it was received, with its body. */
export interface HostRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer to be written to the socket. */
export interface HostResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is sent as it is produced. */
  readonly body?: Uint8Array | string | Readable;
}

/** Calls an HTTP function and streams its response. */
export type CallStreaming = (
  called: RegisteredFunction,
  request: HostRequest,
  params: Readonly<Record<string, string>>,
  log: FunctionLog,
  invocationId: string,
) => Promise<HostResponse>;
