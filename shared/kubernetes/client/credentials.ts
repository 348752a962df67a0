import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';

/** What is shown to an API server, and what it must show. */
export interface Credentials {
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** A name may have several values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Given when the server is reached through a proxy. */
  readonly agent?: Agent;
}
