import type { z } from 'zod';
import type { AzureCall } from '../client/attempt.ts';
import type { AzureOptions } from '../client/options.ts';
import { drain, type Link } from '../client/paging.ts';
import { armRequests } from '../client/requests.ts';
import { pageOf } from './cluster-row.ts';

/** A list of Azure Resource Manager that no SDK client covers. */
export interface ArmList<T> extends Omit<AzureCall<unknown>, 'schema'> {
  /** Path and query with `api-version`; its parts are already encoded. */
  readonly path: string;
  readonly row: z.ZodType<T>;
}

/** Reads every row of a list, with the same checks, budgets and retries as the SDK's calls. */
export async function armRows<T>(options: AzureOptions, { path, row, ...call }: ArmList<T>): Promise<readonly T[]> {
  const { endpoint, send, answers: pages } = await armRequests(options, { ...call, schema: pageOf(row) });
  const get = (url: string) => send({ url });
  const link = () => pages.at(-1)?.nextLink;
  await drain(follow(`${endpoint}${path}`, link, get), link, call.what);
  return pages.flatMap(({ value }) => value);
}

async function* follow(first: string, link: () => Link, get: (url: string) => Promise<unknown>): AsyncGenerator<void> {
  for (let url: Link = first; url != null && url !== ''; url = link()) {
    await get(url);
    yield;
  }
}
