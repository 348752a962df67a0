import type { RequestOptions } from 'node:https';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import { beforeAbort } from '../client/before-abort.ts';
import { SignInFault } from '../client/network-fault.ts';
import { type PluginCredential, runPlugin } from './exec-plugin.ts';
import type { Environment } from './load.ts';
import type { Target } from './target.ts';
import type { UserHeaders } from './user-headers.ts';

/** Dependencies for a sign-in. */
export interface SignInWorld {
  readonly environment: Environment;
  readonly isTerminal: boolean;
  readonly signInMs: number;
  readonly clock: Clock;
}

/**
 * The credentials that a program or an identity provider returns for one user: requested once, cached while they are valid; a failure is
 * cached too.
 */
export class SignIn {
  readonly #target: Target;
  readonly #world: SignInWorld;
  #held: Promise<PluginCredential> | undefined;
  #known: PluginCredential | undefined;

  constructor(target: Target, world: SignInWorld) {
    this.#target = target;
    this.#world = world;
  }

  /** Returns the authentication headers; with `renew` new ones, because the server refused the current ones. */
  async headers(renew: boolean, abortSignal: AbortSignal): Promise<UserHeaders> {
    if (this.#known !== undefined && (renew || this.#hasEnded(this.#known))) {
      this.#held = undefined;
      this.#known = undefined;
    }
    this.#held ??= this.#ask();
    this.#known = await waited(this.#held, abortSignal);
    return this.#known.token === undefined ? {} : { authorization: `Bearer ${this.#known.token}` };
  }

  /** The client certificate, if the sign-in returned one. */
  get certificate(): { readonly cert?: string; readonly key?: string } {
    const { cert, key } = this.#known ?? {};
    return cert === undefined || key === undefined ? {} : { cert, key };
  }

  #hasEnded({ endsAt }: PluginCredential): boolean {
    return endsAt !== undefined && endsAt <= this.#world.clock().getTime();
  }

  #ask(): Promise<PluginCredential> {
    const { user, userFolder: folder, who, cluster, server } = this.#target;
    if (user['auth-provider'] != null) return ofProvider(this.#target);
    if (user.exec == null) return Promise.resolve({});
    const { environment, isTerminal, signInMs: limitMs } = this.#world;
    const own = cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension;
    const told = {
      server,
      'tls-server-name': cluster['tls-server-name'],
      'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] || undefined,
      'certificate-authority-data': cluster['certificate-authority-data'],
      'proxy-url': cluster['proxy-url'],
      config: own,
    };
    return runPlugin({ plugin: user.exec, folder, who, cluster: told, environment, isTerminal, limitMs });
  }
}

async function waited(work: Promise<PluginCredential>, abortSignal: AbortSignal): Promise<PluginCredential> {
  try {
    return await beforeAbort(work, abortSignal);
  } catch (cause) {
    if (cause instanceof Fault || !abortSignal.aborted) throw cause;
    throw new Fault('timed-out', 'The credentials were not available in time.', { cause });
  }
}

/** The client library renews OpenID Connect tokens. Its messages are not used, because they may quote the tokens. */
async function ofProvider({ user, who, server }: Target): Promise<PluginCredential> {
  const { KubeConfig: Config } = await import('../client/library.ts');
  const config = new Config();
  config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u', authProvider: user['auth-provider'] });
  const options: RequestOptions & { headers?: Record<string, string> } = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw new SignInFault(`The OpenID Connect token for ${who} could not be read or renewed.`, cause);
  }
  const token = options.headers?.Authorization?.replace(/^Bearer /, '');
  if (!token) throw new SignInFault(`The auth provider oidc for ${who} returned no token.`);
  return { token };
}
