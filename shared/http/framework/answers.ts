import { ProblemView } from '../schemas/common-schemas.ts';
import type { RouteAnswer } from './route.ts';

/** A refusal as a documented response. */
export const problem = (description: string): RouteAnswer => ({
  description,
  schema: ProblemView,
  mediaTypes: ['application/problem+json'],
});

/** Responses that every operation can return. */
export const COMMON: Readonly<Record<number, RouteAnswer>> = {
  400: problem('The request is invalid; `errors` lists every invalid field.'),
  405: problem('The path does not support this method.'),
  406: problem('None of the media types in `Accept` is available.'),
  413: problem('The body is too large.'),
  414: problem('The URL is too long.'),
  429: problem('The storage is throttled; `Retry-After` says when to retry.'),
  500: problem('An internal error of the app.'),
  503: problem('The app or its storage cannot be reached, so the state is unknown.'),
};

/** Responses of an operation that requires a key or a role. */
export const SECURED: Readonly<Record<number, RouteAnswer>> = {
  ...COMMON,
  401: problem('The access key is missing or wrong, or the principal cannot be read.'),
  403: problem('The app role is missing.'),
};

/** Further responses of an operation on one resource. */
export const SINGLE: Readonly<Record<number, RouteAnswer>> = {
  ...SECURED,
  304: { description: 'The caller already has the current version.' },
  404: problem('Nothing has this id.'),
};

/** Further responses of an operation with a body. */
export const WITH_BODY: Readonly<Record<number, RouteAnswer>> = { ...SECURED, 415: problem('The body is not JSON.') };
