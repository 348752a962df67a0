import { Fault } from '../../domain/snapshot/fault.ts';
import { type AccessRules, type Caller, decide } from '../access/decide.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from './api.ts';
import { matchRoute } from './match.ts';
import { isExpected, Problem, problemResponse } from './problem.ts';
import { type Admission, finish, notAllowed, type Route } from './route.ts';

/** What answering takes of the process. */
export interface World {
  /** Who may do what; throws where its settings cannot be used, and then nobody may do anything. */
  readonly rules: () => AccessRules;
  /** The app; rejects where it cannot be wired. */
  readonly dependencies: () => Promise<ApiDependencies>;
  readonly now: () => Date;
  /** Is told of what no answer tells: bugs, and why the app could not be wired. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Answers a request: first whether the caller may ask, whatever the state of the app, then what was asked.
 * A wiring that fails is an answer, and a bug is reported to `onBug` and answered without its text.
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

/** Answers a request that no route takes: which methods the path has, or that there is nothing at it. */
export function answerUnknown(routes: readonly Route[], request: ApiRequest): Promise<ApiResponse> {
  const path = URL.parse(request.url)?.pathname.replace(/^\/api\//i, '') ?? '';
  const match = matchRoute(routes, request.method, path);
  const refusal = match.kind === 'other-methods' ? notAllowed(match.methods) : new Problem(404, 'There is nothing at this URL.');
  return finish(problemResponse(refusal), request);
}

/** The caller, or the answer to one who may not ask. */
async function admit(route: Route, admission: () => Admission, request: ApiRequest): Promise<Caller | ApiResponse> {
  if (route.access === 'anyone') return { operator: false };
  const { rules, secret, now } = admission();
  const entered = await route.entrance?.(request, { rules, secret, now });
  if (entered !== undefined) return entered;
  const decision = await decide(rules, route.access, request, { secret, now });
  if ('caller' in decision) return decision.caller;
  const refusal = new Problem(decision.status, decision.detail, [], decision.status === 401 ? CHALLENGE : {});
  return route.refused?.(refusal, request, rules) ?? problemResponse(refusal);
}

/** RFC 9110, 15.5.2: an answer 401 names a way to prove who one is. */
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
  /** Whether the caller may be told why. */
  readonly isAdmitted: boolean;

  constructor(cause: unknown, isAdmitted: boolean) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.isAdmitted = isAdmitted;
  }
}
