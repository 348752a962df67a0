import { DAY_MS } from '../../domain/snapshot/day.ts';
import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PublicationStore, Published, PublishedItem, PublishingService } from '../../ports/publication-store.ts';

/** One item to write beside a resource, such as an assessment. */
export interface Saying {
  /** A GUID. */
  readonly name: string;
  /** Digest of the content without dates: the item is written at once when the digest differs, otherwise once a day. */
  readonly digest: string;
  readonly say: (abortSignal: AbortSignal) => Promise<void>;
}

/** Deletes one item; `left` if it cannot be deleted and was marked as no longer applicable. */
export type TakeBack = (name: string, abortSignal: AbortSignal) => Promise<'gone' | 'left'>;

/** A resource, its wanted items, and how an item that is no longer wanted is removed. */
export interface Wanted {
  readonly service: PublishingService;
  readonly scope: string;
  readonly sayings: readonly Saying[];
  readonly takeBack: TakeBack;
  /** Time after which an unchanged item is written again, to show that auditing continues. */
  readonly renewAfterMs?: number;
}

/** The result for one resource. */
export interface Brought {
  readonly written: number;
  readonly takenBack: number;
  readonly problem?: UnavailableReason;
}

/** Dependencies for writing the wanted items. */
export interface BringTo {
  readonly publications: Pick<PublicationStore, 'get' | 'put' | 'forget'>;
  readonly clock: Clock;
}

/** After one of these faults the next call would fail as well; every other fault affects only its own item. */
const STOPS: ReadonlySet<FaultCode> = new Set(['unauthenticated', 'denied', 'throttled', 'unreachable', 'timed-out']);
/** Less than a day, so that an audit at the same hour of the next day renews. */
const RENEW_AFTER_MS = DAY_MS - 3_600_000;

/**
 * Writes the wanted items beside a resource and removes the others. An item is recorded before it is written, and the record is deleted
 * after the item. A failure is recorded and returned; while tries remain, a transient one is thrown so that the queue retries. Safe to
 * run twice.
 */
export async function bringTo(deps: BringTo, wanted: Wanted, lastTry: boolean, abortSignal: AbortSignal): Promise<Brought> {
  const { service, scope, sayings } = wanted;
  const held = await deps.publications.get(service, scope);
  const items = new Map(Object.entries(held?.published.items ?? {}));
  const now = deps.clock();
  const due = sayings.filter(({ name, digest }) => isDue(items.get(name), digest, now, wanted.renewAfterMs ?? RENEW_AFTER_MS));
  const names = new Set(sayings.map(({ name }) => name));
  const over = [...items].flatMap(([name, item]) => (names.has(name) || isLeftAlone(item, now) ? [] : [name]));
  if (due.length + over.length === 0 && held?.published.problem === undefined) return { written: 0, takenBack: 0 };
  for (const { name } of due) if (!items.has(name)) items.set(name, { digest: '', at: now.toISOString(), state: 'unsure' });
  const before = { service, scope, ...given({ lastSuccessAt: held?.published.lastSuccessAt, problem: held?.published.problem }) };
  const version = await keep(deps, { ...before, items: Object.fromEntries(items) }, held?.version);

  const steps = [
    ...due.map((saying) => async () => {
      await saying.say(abortSignal);
      items.set(saying.name, { digest: saying.digest, at: now.toISOString(), state: 'there' });
      return 'written' as const;
    }),
    ...over.map((name) => async () => {
      if ((await wanted.takeBack(name, abortSignal)) === 'gone') items.delete(name);
      else items.set(name, { digest: '', at: now.toISOString(), state: 'left' });
      return 'takenBack' as const;
    }),
  ];
  const { counts, fault } = await run(steps);
  await settle(deps, before, items, fault, version);
  if (fault?.retryable === true && !lastTry) throw fault;
  return { ...counts, ...(fault === undefined ? {} : { problem: { code: fault.code, message: fault.message } }) };
}

function isDue(item: PublishedItem | undefined, digest: string, now: Date, renewAfterMs: number): boolean {
  // An item that may not exist has no digest.
  if (item?.digest !== digest) return true;
  return now.getTime() - Date.parse(item.at) >= renewAfterMs;
}

/** An item that cannot be deleted is tried again once a day, because the permission may have been granted since. */
function isLeftAlone({ state, at }: PublishedItem, now: Date): boolean {
  return state === 'left' && now.getTime() - Date.parse(at) < RENEW_AFTER_MS;
}

/** Runs the steps in order; the first failure is the one that is reported. */
async function run(steps: readonly (() => Promise<'written' | 'takenBack'>)[]) {
  const counts = { written: 0, takenBack: 0 };
  let fault: Fault | undefined;
  for (const step of steps) {
    try {
      counts[await step()] += 1;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault ??= error;
      if (STOPS.has(error.code)) return { counts, fault: error };
    }
  }
  return { counts, fault };
}

/** Records the result; the record of a resource without items is deleted. */
async function settle(
  deps: BringTo,
  { problem: _, ...before }: Omit<Published, 'items'>,
  items: ReadonlyMap<string, PublishedItem>,
  fault: Fault | undefined,
  version: string,
): Promise<void> {
  if (items.size === 0) {
    await deps.publications.forget(before.service, before.scope, version);
    return;
  }
  const came =
    fault === undefined ? { lastSuccessAt: deps.clock().toISOString() } : { problem: { code: fault.code, message: fault.message } };
  await keep(deps, { ...before, ...came, items: Object.fromEntries(items) }, version);
}

async function keep({ publications }: BringTo, published: Published, basedOn: string | undefined): Promise<string> {
  const version = await publications.put(published, basedOn);
  if (version !== undefined) return version;
  throw new Fault('conflict', `Another process is publishing to ${published.scope}: the queue will try again.`);
}
