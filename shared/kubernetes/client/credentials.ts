import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';

/** What a client sends to authenticate to an API server, and how it verifies the server. */
export interface Credentials {
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** A header may have several values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Set if the server is reached through a proxy. */
  readonly agent?: Agent;
}
