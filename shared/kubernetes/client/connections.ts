import type { Agent } from 'node:http';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from './access.ts';
import { keptAliveAgent } from './agent.ts';
import { beforeAbort } from './before-abort.ts';
import type { Credentials } from './credentials.ts';

/** What a request is sent with: credentials, and the connections that were opened with them. */
export interface Connected {
  readonly credentials: Credentials;
  readonly agent: Agent;
  readonly until: number;
}

/** A list, and the small reads beside it. */
const CONNECTIONS = 4;
/** Credentials are asked for again after this long, so that a long read does not outlive its token. */
const CREDENTIALS_MS = 60_000;

/** The kept-alive connections to one API server. Requests that need credentials at the same time ask for them once. */
export class Connections {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  /** Those of earlier credentials stay open, since requests may be under way on them. */
  readonly #agents = new Set<Agent>();
  #current: Connected | undefined;
  #asked: { readonly renews: boolean; readonly connected: Promise<Connected> } | undefined;

  constructor(access: ClusterAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Gives what holds now, and never what the server `refused`. */
  async connect(refused: Connected | undefined, abortSignal: AbortSignal): Promise<Connected> {
    const current = this.#current;
    if (current !== undefined && current !== refused && this.#clock().getTime() < current.until) return current;
    const connected = this.#ask(refused !== undefined && current === refused);
    try {
      return await beforeAbort(connected, abortSignal);
    } catch (cause) {
      if (cause instanceof Fault || !abortSignal.aborted) throw cause;
      throw new Fault('timed-out', 'The credentials did not come in time.', { cause });
    }
  }

  /** Ends the connections; harmless twice. */
  close(): void {
    this.#closed.abort();
    for (const agent of this.#agents) agent.destroy();
  }

  /** Asks for credentials, or waits with those who asked before; with `renews` the server refused the ones that are held. */
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

  /** No single caller's signal ends it, because others wait for it too. */
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
