import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { VERSION } from '../../compose/container/version.ts';
import { given } from '../../domain/snapshot/given.ts';
import { parseJson } from '../../domain/text/json.ts';
import { readText } from '../frame/files.ts';
import { plain } from '../frame/table.ts';
import { UsageError } from '../frame/usage-error.ts';

/** The address of a running app, and the credentials for it. */
export interface AppOptions {
  readonly url: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** The audience of an Entra ID token: the application ID URI of the app. */
  readonly audience?: string;
}

/** The content of a call: query, body and headers. */
interface Call {
  readonly search?: URLSearchParams;
  readonly body?: unknown;
  /** Compresses the body, for one that may be large. */
  readonly gzip?: true;
  readonly headers?: Readonly<Record<string, string>>;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const PAGE = '200';
const SIGN_IN = '`az login`, and --audience with the app’s application ID URI (`azd env get-value KATAUDIT_APPLICATION_ID_URI`)';
const Problem = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).default([]),
});
const Operations = z.object({ paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string().optional() }))) });
const Described = z.object({ info: z.object({ version: z.string() }) });

/** Calls a running app and returns its answer; a refusal becomes one sentence for the user. */
export async function sendApi(
  options: AppOptions,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  call: Call = {},
): Promise<Response> {
  const answer = await request(options, method, path, call);
  if (answer.ok) return answer;
  throw new UsageError(`${options.url} ${await refusalOf(answer)}${answer.status === 404 ? await otherVersion(options) : ''}`);
}

/** Fetches one object by its operation; `undefined` if the app knows the operation but has no such object. */
export async function askIfThere(options: AppOptions, path: string, operationId: string): Promise<Response | undefined> {
  const answer = await request(options, 'GET', path, {});
  if (answer.ok) return answer;
  if (answer.status !== 404) throw new UsageError(`${options.url} ${await refusalOf(answer)}`);
  const known = Operations.safeParse(await describedBy(options)).data;
  const ids = Object.values(known?.paths ?? {}).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
  if (ids.includes(operationId)) return undefined;
  throw new UsageError(`${options.url} does not support this operation.${await otherVersion(options)}`);
}

/** Calls a running app and streams the body. */
export async function askApi(options: AppOptions, path: string, search?: URLSearchParams): Promise<ReadableStream<Uint8Array>> {
  const { body } = await sendApi(options, 'GET', path, search === undefined ? {} : { search });
  if (body === null) throw new UsageError(`${options.url} answered without a body.`);
  return body;
}

/** Parses an answer with the schema of this version; the error for another shape names the app's version. */
export async function readAnswer<T>(options: AppOptions, answer: Response, form: z.ZodType<T>): Promise<T> {
  const text = await answer.text();
  const parsed = form.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(`${options.url} returned an answer that this version of kataudit cannot read.${await otherVersion(options)}`);
}

/** Every item of a list, page by page. */
export async function listAll<T>(options: AppOptions, path: string, search: URLSearchParams, item: z.ZodType<T>): Promise<readonly T[]> {
  const Page = z.object({ value: z.array(item), nextLink: z.string().optional() });
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const asked = new URLSearchParams(search);
    asked.set('top', PAGE);
    if (cursor !== undefined) asked.set('cursor', cursor);
    const { value, nextLink } = await readAnswer(options, await sendApi(options, 'GET', path, { search: asked }), Page);
    items.push(...value);
    // Only the cursor is taken from the link: the user chose the address.
    cursor = nextLink === undefined ? undefined : (new URL(nextLink, options.url).searchParams.get('cursor') ?? undefined);
    if (cursor === undefined) return items;
  }
}

async function request(options: AppOptions, method: string, path: string, { search, body, gzip, headers = {} }: Call): Promise<Response> {
  const address = addressOf(options.url, path, search);
  const proof = await proofOf(options, address);
  const encoding = gzip === undefined ? {} : { 'content-encoding': 'gzip' };
  const content = body === undefined ? {} : { 'content-type': 'application/json', ...encoding };
  const payload = body === undefined ? {} : { body: gzip === undefined ? JSON.stringify(body) : gzipSync(JSON.stringify(body)) };
  try {
    // A redirect is never followed: the credentials are meant for this address only.
    return await fetch(address, { method, headers: { ...headers, ...content, ...proof }, redirect: 'manual', ...payload });
  } catch (cause) {
    throw new UsageError(
      `No app answers at ${options.url}. Give its address with --url or KATAUDIT_URL, or start one with \`kataudit serve\`.`,
      {
        cause,
      },
    );
  }
}

async function proofOf({ key, keyFile, audience, url }: AppOptions, address: URL): Promise<Record<string, string>> {
  const ownKey = key ?? (keyFile === undefined ? undefined : (await readText(keyFile)).trim());
  if (ownKey === undefined && audience === undefined) return {};
  if (address.protocol !== 'https:' && !LOOPBACK.has(address.hostname)) {
    throw new UsageError(`A key or token is sent only over https or to this machine, not to ${url}`);
  }
  const token = audience === undefined ? undefined : await tokenFor(audience);
  return {
    ...given({ 'x-functions-key': ownKey, authorization: token && `Bearer ${token}` }),
  };
}

async function tokenFor(audience: string): Promise<string> {
  const { appToken } = await import('../../compose/command-line/app-token.ts');
  return appToken(audience, process.env);
}

function addressOf(url: string, path: string, search: URLSearchParams | undefined): URL {
  const base = URL.parse(url);
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '') {
    throw new UsageError(
      `--url must be the address of an app, such as http://127.0.0.1:7071, not ${JSON.stringify(url.replace(/\/\/[^/]*@/, '//'))}`,
    );
  }
  base.pathname = `${base.pathname.replace(/\/(?:api\/?)?$/, '')}/api/${path}`;
  base.search = search?.toString() ?? '';
  return base;
}

async function refusalOf(answer: Response): Promise<string> {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    const where = URL.parse(answer.headers.get('location') ?? '')?.host;
    if (where?.startsWith('login.')) return `requires an Entra ID sign-in: ${SIGN_IN}.`;
    return `redirects${where === undefined ? '' : ` to ${plain(where)}`}. Redirects are not followed: give the final address with --url.`;
  }
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') === true;
  const parsed = isProblem ? Problem.safeParse(parseJson(await answer.text())) : undefined;
  const wanted = `requires a key (--key-file, KATAUDIT_KEY) or a sign-in: ${SIGN_IN}.`;
  if (parsed?.success !== true) return status === 401 ? wanted : `answered with status ${status}.`;
  const { detail, errors } = parsed.data;
  const why = plain([`refused: ${detail}`, ...errors.map((one) => `${one.field}: ${one.detail}.`)].join(' '));
  return status === 401 ? `${why} It ${wanted}` : why;
}

/** A hint if the version that the app reports differs from this one; empty if it is the same or unknown. */
async function otherVersion(options: AppOptions): Promise<string> {
  const version = Described.safeParse(await describedBy(options)).data?.info.version;
  if (version === undefined || version === VERSION) return '';
  return ` The app is version ${plain(version)} and this is ${VERSION}: use a kataudit of the app's version.`;
}

/** The app's OpenAPI description; `undefined` if it cannot be read. */
async function describedBy(options: AppOptions): Promise<unknown> {
  const answer = await request(options, 'GET', 'openapi.json', {});
  return answer.ok ? parseJson(await answer.text()) : undefined;
}
