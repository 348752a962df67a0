import { z } from 'zod';
import { given } from '../../domain/snapshot/given.ts';
import type { RpcTypedData } from './core-module.ts';
import type { HostRequest, HostResponse } from './http-exchange.ts';

const value = <T extends z.ZodType>(type: T) => z.object({ value: type }).optional();

const rpcCookie = z.object({
  name: z.string(),
  value: z.string(),
  domain: value(z.string()),
  path: value(z.string()),
  expires: value(z.object({ seconds: z.number() })),
  maxAge: value(z.number()),
  secure: value(z.boolean()),
  httpOnly: value(z.boolean()),
  sameSite: z.enum(['none', 'lax', 'strict', 'explicitNone']).default('none'),
});

const rpcResponse = z.object({
  returnValue: z
    .object({
      http: z.object({
        statusCode: z.string(),
        headers: z.record(z.string(), z.string()).default({}),
        cookies: z.array(rpcCookie).default([]),
        body: z.object({ bytes: z.instanceof(Uint8Array).optional(), string: z.string().optional() }).nullish(),
      }),
    })
    .nullish(),
});

/** In the protocol, `none` means that no value was given; the cookie value None is `explicitNone`. */
const SAME_SITE = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

/** A request as the host passes it to the worker; the values of a repeated parameter are joined by commas. */
export function toRpcRequest(
  { method, url, headers, body }: HostRequest,
  params: Readonly<Record<string, string>>,
): NonNullable<RpcTypedData['http']> {
  const names = [...new Set(url.searchParams.keys())];
  return {
    method,
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableParams: nullable(params),
    nullableQuery: nullable(Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name).join(',')]))),
    ...(body.length === 0 ? {} : { body: { bytes: body } }),
  };
}

/** What is written to the socket for a worker's response; a function that returns nothing answers 204. */
export function fromRpcResponse(response: unknown): HostResponse {
  const { returnValue } = rpcResponse.parse(response);
  if (returnValue === null || returnValue === undefined) return { status: 204, headers: {} };
  const { statusCode, headers, cookies, body } = returnValue.http;
  const sent = body?.bytes ?? body?.string;
  return {
    status: Number(statusCode),
    headers: cookies.length === 0 ? headers : { ...headers, 'set-cookie': cookies.map(cookieLine) },
    ...given({ body: sent }),
  };
}

function cookieLine(cookie: z.output<typeof rpcCookie>): string {
  const { name, domain, path, expires, maxAge, secure, httpOnly, sameSite } = cookie;
  const attributes: readonly (readonly [string, string | undefined])[] = [
    ['Max-Age', maxAge?.value.toFixed(0)],
    ['Domain', domain?.value],
    ['Path', path?.value],
    ['Expires', expires === undefined ? undefined : new Date(expires.value.seconds * 1000).toUTCString()],
    ['SameSite', SAME_SITE[sameSite]],
  ];
  return [
    `${name}=${encodeURIComponent(cookie.value)}`,
    ...attributes.flatMap(([key, held]) => (held === undefined ? [] : [`${key}=${held}`])),
    ...(secure?.value === true ? ['Secure'] : []),
    ...(httpOnly?.value === true ? ['HttpOnly'] : []),
  ].join('; ');
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { readonly value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, held]) => [name, { value: held }]));
}
