import { z } from 'zod';
import { readText } from './frame/files.ts';
import { plain } from './frame/table.ts';
import { UsageError } from './frame/usage-error.ts';

/** Where a running app is, and what opens it, as typed. */
export interface ApiOptions {
  readonly url: string;
  readonly key?: string;
  readonly keyFile?: string;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const problem = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), detail: z.string() })).default([]),
});

/** Asks a running app and gives the body as it comes; a refusal is one sentence for the person at the terminal. */
export async function askApi(options: ApiOptions, path: string, search: URLSearchParams): Promise<ReadableStream<Uint8Array>> {
  const { body } = await sendApi(options, 'GET', path, search);
  if (body === null) throw new UsageError(`${options.url} answered without a body.`);
  return body;
}

/** Has a running app do something, and gives its answer; a refusal is one sentence for the person at the terminal. */
export async function sendApi(
  options: ApiOptions,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  search = new URLSearchParams(),
): Promise<Response> {
  const address = addressOf(options.url, path, search);
  const key = options.key ?? (options.keyFile === undefined ? undefined : (await readText(options.keyFile)).trim());
  if (key !== undefined && address.protocol !== 'https:' && !LOOPBACK.has(address.hostname)) {
    throw new UsageError(`A key is only sent to https or to this machine, not to ${options.url}`);
  }
  let answer: Response;
  try {
    answer = await fetch(address, { method, headers: key === undefined ? {} : { 'x-functions-key': key }, redirect: 'error' });
  } catch (cause) {
    throw new UsageError(`No app answers at ${options.url}: start one with \`npm start\`, or name it with --url.`, { cause });
  }
  if (!answer.ok) throw new UsageError(`${options.url} ${await refusalOf(answer)}`);
  return answer;
}

function addressOf(url: string, path: string, search: URLSearchParams): URL {
  const base = URL.parse(url);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new UsageError(`--url is the address of an app, such as http://127.0.0.1:7071, not ${JSON.stringify(url)}`);
  }
  base.pathname = `${base.pathname.replace(/\/(?:api\/?)?$/, '')}/api/${path}`;
  base.search = search.toString();
  return base;
}

async function refusalOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (answer.status === 401 && text === '') return 'wants a key: give it with --key or --key-file.';
  const parsed = answer.headers.get('content-type')?.startsWith('application/problem+json')
    ? problem.safeParse(JSON.parse(text))
    : undefined;
  if (parsed?.success !== true) return `answered with status ${answer.status}${answer.status === 401 ? ': give its key with --key' : ''}.`;
  const { detail, errors } = parsed.data;
  return plain([`refused: ${detail}`, ...errors.map((one) => `${one.field}: ${one.detail}.`)].join(' '));
}
