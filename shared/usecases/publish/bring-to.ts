import { DAY_MS } from '../../domain/snapshot/day.ts';
import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PublicationStore, Published, PublishedItem, PublishingService } from '../../ports/publication-store.ts';

/** One thing to be said beside a resource. */
export interface Saying {
  /** A GUID. */
  readonly name: string;
  /** What is said without its dates: said again at once when it differs, else once a day. */
  readonly digest: string;
  readonly say: (abortSignal: AbortSignal) => Promise<void>;
}

/** Takes one thing back; `left` where it cannot be deleted and says that it no longer applies. */
export type TakeBack = (name: string, abortSignal: AbortSignal) => Promise<'gone' | 'left'>;

/** A resource, all that is to be said beside it, and how what is no longer to be said is taken back. */
export interface Wanted {
  readonly service: PublishingService;
  readonly scope: string;
  readonly sayings: readonly Saying[];
  readonly takeBack: TakeBack;
  /** How long an unchanged saying stands before it is said again, to say that somebody still looks. */
  readonly renewAfterMs?: number;
}

/** What came of it. */
export interface Brought {
  readonly written: number;
  readonly takenBack: number;
  readonly problem?: UnavailableReason;
}

/** What bringing a resource to what is wanted needs of the world. */
export interface BringTo {
  readonly publications: Pick<PublicationStore, 'get' | 'put' | 'forget'>;
  readonly clock: Clock;
}

/** After one of these the next call would meet the same; every other failure costs only its own item. */
const STOPS: ReadonlySet<FaultCode> = new Set(['unauthenticated', 'denied', 'throttled', 'unreachable', 'timed-out']);
/** Less than a day, so that an audit at the same hour of the next day renews. */
const RENEW_AFTER_MS = DAY_MS - 3_600_000;

/**
 * Says beside a resource what is wanted there, and takes back what is not. What may be there is remembered before it is
 * written, and forgotten after it was taken back. A failure is recorded and told; while tries remain, one that may pass is
 * thrown, so that the queue tries again. Safe to run twice.
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
  // What is not known to be there has no digest.
  if (item?.digest !== digest) return true;
  return now.getTime() - Date.parse(item.at) >= renewAfterMs;
}

/** What cannot be deleted is tried again once a day: somebody may have allowed it. */
function isLeftAlone({ state, at }: PublishedItem, now: Date): boolean {
  return state === 'left' && now.getTime() - Date.parse(at) < RENEW_AFTER_MS;
}

/** Takes one step after another; the first failure is the one that is told. */
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

/** Records how it went; nothing is kept of a resource beside which nothing is. */
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
  throw new Fault('conflict', `What is written beside ${published.scope} is being written by somebody else: the queue will try again.`);
}
