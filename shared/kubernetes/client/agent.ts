import { Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';

/** Returns an agent with keep-alive connections, for `https` or `http` servers. */
export function keptAliveAgent(isHttps: boolean, options: AgentOptions): HttpAgent {
  return isHttps ? new ReusingHttpsAgent({ ...options, keepAlive: true }) : new HttpAgent({ ...options, keepAlive: true });
}

/** A TLS record contains at most 16 KiB. */
const READ_BYTES = 65_536;

/**
 * An agent whose sockets read into one reused buffer: a new buffer for each TLS record would be half of the garbage of a long list.
 * Node's HTTP client takes what a socket emits as `data` and copies the parts that it passes on. Source: nodejs.org/api/net.html
 * (`onread`), nodejs.org/api/http.html (`agent.createConnection` may return any duplex stream), and `on_body` of node's
 * src/node_http_parser.cc.
 */
class ReusingHttpsAgent extends HttpsAgent {
  readonly #memory = Buffer.allocUnsafeSlow(READ_BYTES);

  override createConnection(
    options: Parameters<HttpsAgent['createConnection']>[0],
    callback?: Parameters<HttpsAgent['createConnection']>[1],
  ): Duplex | null | undefined {
    const pass = (length: number, memory: Uint8Array) => {
      socket?.emit('data', memory.subarray(0, length));
      return true;
    };
    const reused = { ...options, onread: { buffer: this.#memory, callback: pass } };
    const socket = super.createConnection(reused, callback);
    return socket;
  }
}
