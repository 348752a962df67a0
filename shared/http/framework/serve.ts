import { Fault } from '../../domain/snapshot/fault.ts';
import { type AccessRules, type Caller, decide } from '../access/decide.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from './api.ts';
import { matchRoute } from './match.ts';
import { isExpected, Problem, problemResponse } from './problem.ts';
import { type Admission, finish, notAllowed, type Route } from './route.ts';

/** Dependencies of answering requests. */
export interface World {
  /** Returns the access rules; throws if the settings are invalid, in which case everybody is refused. */
  readonly rules: () => AccessRules;
  /** Returns the app; rejects if it cannot be started. */
  readonly dependencies: () => Promise<ApiDependencies>;
  readonly now: () => Date;
  /** Called with errors that no response contains: bugs, and why the app could not be started. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Answers a request: first decides access, whatever the state of the app, then runs the route. A failed start becomes a response; a bug
 * is reported to `onBug` and answered without its message.
 */
export async function serve(route: Route, world: World, request: ApiRequest): Promise<ApiResponse> {
  try {
    if (route.constant !== undefined) {
      route.assertGood(request);
      return await finish(route.constant(), request);
    }
    const admission = () => admissionOf(world);
    const admitted = await admit(route, admission, request);
    if ('status' in admitted) return await finish(admitted, request);
    const dependencies = await wired(world);
    return await route.handler(dependencies, request, { caller: admitted, admission });
  } catch (error) {
    if (isExpected(error)) return finish(problemResponse(error), request);
    world.onBug(error instanceof Unwired ? error.cause : error);
    if (!(error instanceof Unwired)) return finish(problemResponse(error), request);
    const known = error.isAdmitted ? route.unwired?.(error.message) : undefined;
    return finish(known ?? problemResponse(new Fault('unreachable', 'The app cannot start; GET /api/health/detail says why.')), request);
  }
}

/** Answers a request that no route matches: the allowed methods of the path, or 404. */
export function answerUnknown(routes: readonly Route[], request: ApiRequest): Promise<ApiResponse> {
  const path = URL.parse(request.url)?.pathname.replace(/^\/api\//i, '') ?? '';
  const match = matchRoute(routes, request.method, path);
  const refusal = match.kind === 'other-methods' ? notAllowed(match.methods) : new Problem(404, 'There is nothing at this URL.');
  return finish(problemResponse(refusal), request);
}

/** Returns the caller, or the response for a refused one. */
async function admit(route: Route, admission: () => Admission, request: ApiRequest): Promise<Caller | ApiResponse> {
  const { rules, secret, now } = admission();
  const entered = await route.entrance?.(request, { rules, secret, now });
  if (entered !== undefined) return entered;
  const decision = await decide(rules, route.access, request, { secret, now });
  if ('caller' in decision) return decision.caller;
  const refusal = new Problem(decision.status, decision.detail, [], decision.status === 401 ? CHALLENGE : {});
  return route.refused?.(refusal, request, rules) ?? problemResponse(refusal);
}

/** RFC 9110, 15.5.2: a 401 response names a way to authenticate. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="kataudit"' };

function admissionOf(world: World): Admission {
  const secret = async () => {
    const { cursorSecret } = await wired(world, false);
    if (cursorSecret === undefined) throw new Fault('unreachable', 'This app has no sessions: send a key.');
    return cursorSecret();
  };
  try {
    return { rules: world.rules(), secret, now: world.now };
  } catch (error) {
    throw new Unwired(error, false);
  }
}

async function wired({ dependencies }: World, isAdmitted = true): Promise<ApiDependencies> {
  try {
    return await dependencies();
  } catch (error) {
    throw new Unwired(error, isAdmitted);
  }
}

class Unwired extends Error {
  /** Whether the caller may see the reason. */
  readonly isAdmitted: boolean;

  constructor(cause: unknown, isAdmitted: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.isAdmitted = isAdmitted;
  }
}
