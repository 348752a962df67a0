import type { Agent } from 'node:http';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from './access.ts';
import { keptAliveAgent } from './agent.ts';
import { beforeAbort } from './before-abort.ts';
import type { Credentials } from './credentials.ts';

/** Credentials, and the connections that were opened with them. */
export interface Connected {
  readonly credentials: Credentials;
  readonly agent: Agent;
  readonly until: number;
}

/** One list, and small reads beside it. */
const CONNECTIONS = 4;
/** Credentials are requested again after this time, so that a long read does not outlive its token. */
const CREDENTIALS_MS = 60_000;

/** Keep-alive connections to one API server. Concurrent requests for credentials share one call. */
export class Connections {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  /** Agents of earlier credentials stay open, because requests may still be running on them. */
  readonly #agents = new Set<Agent>();
  #current: Connected | undefined;
  #asked: { readonly renews: boolean; readonly connected: Promise<Connected> } | undefined;

  constructor(access: ClusterAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Returns valid credentials and connections, never the ones that the server `refused`. */
  async connect(refused: Connected | undefined, abortSignal: AbortSignal): Promise<Connected> {
    const current = this.#current;
    if (current !== undefined && current !== refused && this.#clock().getTime() < current.until) return current;
    const connected = this.#ask(refused !== undefined);
    try {
      return await beforeAbort(connected, abortSignal);
    } catch (cause) {
      if (cause instanceof Fault || !abortSignal.aborted) throw cause;
      throw new Fault('timed-out', 'The credentials were not available in time.', { cause });
    }
  }

  /** Closes the connections; safe to call twice. */
  close(): void {
    this.#closed.abort();
    for (const agent of this.#agents) agent.destroy();
  }

  /** Requests credentials, or joins a running request; with `renews` because the server refused the current ones. */
  #ask(renews: boolean): Promise<Connected> {
    if (this.#asked !== undefined && (this.#asked.renews || !renews)) return this.#asked.connected;
    const asked = { renews, connected: this.#open(renews) };
    this.#asked = asked;
    const done = () => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    asked.connected.then(done, done);
    return asked.connected;
  }

  /** No single caller's signal aborts it, because other callers wait for it too. */
  async #open(renews: boolean): Promise<Connected> {
    const credentials = await this.#access.credentials(renews, this.#closed.signal);
    const before = this.#current;
    const isSame = before !== undefined && isSameTls(before.credentials, credentials);
    const agent = isSame ? before.agent : this.#agentFor(credentials);
    this.#agents.add(agent);
    this.#current = { credentials, agent, until: this.#clock().getTime() + CREDENTIALS_MS };
    return this.#current;
  }

  #agentFor({ tls, agent }: Credentials): Agent {
    return agent ?? keptAliveAgent(this.#access.server.startsWith('https:'), { ...tls, maxSockets: CONNECTIONS });
  }
}

function isSameTls(before: Credentials, now: Credentials): boolean {
  return before.agent === now.agent && JSON.stringify(before.tls) === JSON.stringify(now.tls);
}
