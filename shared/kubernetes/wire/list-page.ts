import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { listJson } from './json.ts';
import { kubernetes } from './kubernetes.generated.js';
import type { WireListMeta } from './messages.ts';
import { oneLine } from './one-line.ts';
import type { Resource } from './resources.ts';
import { StreamedList, type TakeItem } from './streamed-list.ts';

/** One page of a list: its metadata, and its items, decoded one by one on request. */
export interface ListPage<T> {
  readonly resourceVersion: string;
  readonly next: string | undefined;
  readonly remaining: number | undefined;
  readonly length: number;
  items(): Iterable<T>;
  /** Passes each encoded item to `take` if the page is protobuf; returns `false` if it is not. */
  walk(take: TakeItem): boolean;
}

const MAX_PROBLEMS = 3;
const MAGIC = Buffer.from('k8s\0', 'latin1');

/** Parses the metadata of a page; throws `Fault('malformed')` if it is not such a list. */
export function parseListPage<T>(body: Buffer, resource: Resource<T>): ListPage<T> {
  return asMalformed(resource, () =>
    body.subarray(0, MAGIC.length).equals(MAGIC) ? protobufPage(body, resource) : jsonPage(body, resource),
  );
}

const statusJson = z.object({ kind: z.literal('Status'), message: z.string().nullish(), reason: z.string().nullish() });

/** Returns the server's message from an error body that is a Status, cut to a size that a report can hold. */
export function parseStatus(body: Buffer): { readonly message: string; readonly reason: string } | undefined {
  try {
    const { message, reason } = body.subarray(0, MAGIC.length).equals(MAGIC)
      ? protobufStatus(body)
      : statusJson.parse(JSON.parse(body.toString('utf8')));
    return { message: (message ?? '').slice(0, 300), reason: (reason ?? '').slice(0, 100) };
  } catch (error) {
    // A proxy's error page is not a Status; the HTTP status is then all that is known.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function protobufStatus(body: Buffer): { readonly message?: string | null; readonly reason?: string | null } {
  const { typeMeta, raw } = kubernetes.Unknown.decode(body.subarray(MAGIC.length));
  if (typeMeta?.kind !== 'Status') throw new TypeError('no Status');
  return kubernetes.Status.decode(raw);
}

function protobufPage<T>(body: Buffer, resource: Resource<T>): ListPage<T> {
  const { fromProtobuf } = resource;
  if (fromProtobuf === undefined) throw new TypeError('expected JSON, got protobuf');
  const places: { readonly start: number; readonly end: number }[] = [];
  const list = new StreamedList(resource.listKind, (_, start, end) => places.push({ start, end }));
  list.push(body);
  const decode = ({ start, end }: (typeof places)[number]) => fromProtobuf(body.subarray(start, end));
  const walk = (take: TakeItem) => {
    asMalformed(resource, () => {
      for (const { start, end } of places) take(body, start, end);
    });
    return true;
  };
  return { ...page(list.end(), places, decode, resource), walk };
}

function jsonPage<T>(body: Buffer, resource: Resource<T>): ListPage<T> {
  const list = listJson.parse(JSON.parse(body.toString('utf8')));
  requireKind(list.kind, resource);
  return { ...page(list.metadata, list.items ?? [], resource.fromJson, resource), walk: () => false };
}

function requireKind<T>(kind: string | null | undefined, { listKind }: Resource<T>): void {
  if (kind !== listKind) throw new TypeError(`expected a ${listKind}, got ${JSON.stringify(kind ?? null).slice(0, 60)}`);
}

function page<T, Raw>(head: WireListMeta | null | undefined, raw: readonly Raw[], decode: (item: Raw) => T, resource: Resource<T>) {
  return {
    resourceVersion: head?.resourceVersion ?? '',
    next: head?.continue || undefined,
    // Protobuf does not distinguish 0 from an omitted number, and 0 cannot be right when another page follows.
    remaining: head?.remainingItemCount || undefined,
    length: raw.length,
    *items() {
      for (const item of raw) yield asMalformed(resource, () => decode(item));
    },
  };
}

function asMalformed<T, R>({ plural }: Resource<T>, read: () => R): R {
  try {
    return read();
  } catch (error) {
    throw new Fault('malformed', `The list of ${plural} could not be decoded: ${oneLine(problemOf(error))}.`, { cause: error });
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error);
  return error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.join('.') || 'the response'}: ${message}`)
    .join('; ');
}
