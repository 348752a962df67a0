import { publicUrl } from '../../config/settings.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { RouteName } from '../../http/access/route-table.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from '../../http/framework/api.ts';
import type { TraceContext } from '../../ports/telemetry.ts';
import { planScans } from '../../usecases/plan-scans.ts';
import { recordSentLook } from '../../usecases/record-sent-look.ts';
import type { App } from '../container/app.ts';
import { getApp } from '../container/cloud.ts';
import { observedPlan } from '../container/observed.ts';
import { VERSION } from '../container/version.ts';
import { flowing } from './answer-flow.ts';

const PLAN_LIMIT_MS = 60_000;

/** The part of an invocation that a route's handler uses; the invocation context of Azure Functions is one. */
interface HttpInvocation {
  readonly invocationId: string;
  readonly traceContext?: TraceContext | undefined;
  /** Logs an unexpected error. */
  error(...parts: readonly unknown[]): void;
}

/** The handler type of an HTTP function. */
type HttpHandler = (request: ApiRequest, context: HttpInvocation) => Promise<ApiResponse>;

/**
 * The handler of one API operation, by its name. The routes are loaded at the first request, so that
 * registering a function is cheap.
 */
export function answer(name: RouteName): HttpHandler {
  return async (request, context) => {
    const [{ ROUTES }, { serve }, { accessRules }] = await Promise.all([
      import('../../http/routes.ts'),
      import('../../http/framework/serve.ts'),
      import('./access-rules.ts'),
    ]);
    const route = ROUTES.find((one) => one.name === name);
    if (route === undefined) throw new Error(`No route of the API is named ${name}.`);
    const world = {
      rules: () => accessRules(process.env),
      dependencies: async () => apiOf(await getApp(), context.traceContext),
      now: () => new Date(),
      onBug: (error: unknown) => context.error(error),
    };
    const response = await serve(route, world, request);
    return response.body instanceof ReadableStream ? { ...response, body: flowing(response.body, context.invocationId) } : response;
  };
}

/** The handler of every path and method without an operation. */
export const unknownPath: HttpHandler = async (request) => {
  const [{ ROUTES }, { answerUnknown }] = await Promise.all([import('../../http/routes.ts'), import('../../http/framework/serve.ts')]);
  return answerUnknown(ROUTES, request);
};

/** The dependencies of the API, from the app. */
export function apiOf(app: App, under?: TraceContext): ApiDependencies {
  const origin = publicUrl(app.settings);
  return {
    findings: app.findings,
    audits: app.audits,
    parked: app.parked,
    assessments: app.assessments,
    exemptions: app.exemptions,
    bundles: app.bundles,
    policy: app.policy,
    images: app.images,
    rules: app.rules,
    messages: app.messages,
    startAudit: (cause, requestedBy) => observedPlan(app, cause, AbortSignal.timeout(PLAN_LIMIT_MS), requestedBy, under),
    scanClusters: (clusterIds, requestedBy) => planScans(app, clusterIds, requestedBy),
    recordSentLook: (sent) => recordSentLook(app, sent, AbortSignal.timeout(PLAN_LIMIT_MS)),
    trend: app.trend,
    callBudgets: app.callBudgets,
    ...given({ signer: app.signer }),
    services: app.services,
    clock: app.clock,
    version: VERSION,
    clusterMetrics: app.settings.KATAUDIT_CLUSTER_METRICS,
    schedule: app.settings.KATAUDIT_SCHEDULE,
    scope: app.scope,
    startedAt: app.startedAt,
    ...given({ publicUrl: origin }),
    cursorSecret: app.cursorSecret,
  };
}
