import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** The kind of fault. */
export type FaultAction =
  | { readonly kind: 'latency'; readonly ms: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly body?: string;
      /** Whether the request is not carried out; if absent, it is carried out and only its answer is replaced. */
      readonly isRefusal?: true;
    }
  /** The connection stays open and nothing is ever sent. */
  | { readonly kind: 'hang' }
  /** The connection breaks: immediately, or after this many bytes of the true body. */
  | { readonly kind: 'cut'; readonly afterBytes?: number }
  /** The true status with a body in another format. */
  | { readonly kind: 'broken-body'; readonly body?: string }
  /** The true status with a body of this many bytes. */
  | { readonly kind: 'oversized-body'; readonly bytes: number }
  /** The true answer with another body: a repeated `nextLink`, half a page, a hostile name. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: Buffer) => Buffer | string };

/** Which requests fail, how, and how often. */
export interface FaultRule {
  /** `arm`, or a cluster's name; every server if absent. */
  readonly server?: string;
  readonly method?: string;
  /** Tested against path and query. */
  readonly path?: RegExp;
  /** Lets this many matching requests through first. */
  readonly skip?: number;
  /** Number of requests that fail; all if absent. */
  readonly times?: number;
  readonly action: FaultAction;
}

/** A request, as rules see it. */
export interface FaultTarget {
  readonly server: string;
  readonly method: string;
  readonly path: string;
}

/** A rule that was injected. */
export interface InjectedFault {
  /** Number of requests that it has made fail so far. */
  readonly hits: number;
  remove(): void;
}

/** Makes requests fail on purpose; later rules take precedence over earlier ones. */
export interface FaultInjection {
  inject(rule: FaultRule): InjectedFault;
  /** Removes every rule; requests that hang continue to hang. */
  clear(): void;
}

interface LiveRule {
  readonly rule: FaultRule;
  seen: number;
  hits: number;
}

/** The rules of one running estate. */
export class Faults implements FaultInjection {
  readonly #rules: LiveRule[] = [];

  inject(rule: FaultRule): InjectedFault {
    const live: LiveRule = { rule, seen: 0, hits: 0 };
    this.#rules.unshift(live);
    return {
      get hits() {
        return live.hits;
      },
      remove: () => {
        const at = this.#rules.indexOf(live);
        if (at >= 0) this.#rules.splice(at, 1);
      },
    };
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The fault of a request: the sum of the latencies of all matching rules, and otherwise the latest rule. */
  take(target: FaultTarget): { readonly latencyMs: number; readonly action: FaultAction | undefined } {
    let latencyMs = 0;
    let action: FaultAction | undefined;
    for (const live of this.#rules) {
      if (!matches(live.rule, target)) continue;
      if (action !== undefined && live.rule.action.kind !== 'latency') continue;
      live.seen += 1;
      if (live.seen <= (live.rule.skip ?? 0) || live.hits >= (live.rule.times ?? Number.POSITIVE_INFINITY)) continue;
      live.hits += 1;
      if (live.rule.action.kind === 'latency') latencyMs += live.rule.action.ms;
      else action = live.rule.action;
    }
    return { latencyMs, action };
  }
}

function matches({ server, method, path }: FaultRule, target: FaultTarget): boolean {
  if (server !== undefined && server !== target.server) return false;
  if (method !== undefined && method !== target.method) return false;
  return path === undefined || new RegExp(path.source, path.flags.replace(/[gy]/g, '')).test(target.path);
}

/** Applies an action to the true answer; `undefined` if the response is already handled. */
export function spoil(action: FaultAction, answer: Answer, response: ServerResponse): Answer | undefined {
  switch (action.kind) {
    case 'latency':
      return answer;
    case 'status':
      return {
        status: action.status,
        headers: {
          'content-type': 'application/json',
          ...(action.retryAfterSeconds === undefined ? {} : { 'retry-after': String(action.retryAfterSeconds) }),
        },
        body: action.body ?? errorBody(action.status),
      };
    case 'hang':
      return undefined;
    case 'cut':
      cut(answer, action.afterBytes ?? 0, response);
      return undefined;
    case 'broken-body':
      return { ...answer, body: action.body ?? '{"kind":"PodList","items":[{"metadata":{"na' };
    case 'oversized-body':
      return { ...answer, body: Buffer.alloc(action.bytes, 0x20) };
    case 'rewrite':
      return { ...answer, body: action.rewrite(Buffer.from(answer.body)) };
  }
}

/** A body that both Azure's and Kubernetes' clients can read. */
function errorBody(status: number): string {
  const message = `An injected fault: HTTP ${status}.`;
  return JSON.stringify({
    error: { code: 'InjectedFault', message },
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: status === 410 ? 'Expired' : 'InjectedFault',
    code: status,
  });
}

function cut(answer: Answer, afterBytes: number, response: ServerResponse): void {
  if (afterBytes === 0) {
    response.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(body.length) });
  response.write(body.subarray(0, Math.min(afterBytes, body.length - 1)), () => response.destroy());
}
