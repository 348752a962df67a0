import { z } from 'zod';
import { parseNodeImage } from '../../domain/images/node-image.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { VulnerabilitySource } from '../../ports/vulnerability-source.ts';
import type { TextBlobs } from '../../storage/text-blobs.ts';
import { type AnswerLog, answerLog } from './vulnerability-status.ts';

/** The container of answers and status, shared by every instance of the app. */
export const VULNERABILITIES_PLACE = 'policy/vulnerabilities/';
/** The public data is regenerated regularly; an answer is valid for a day. */
const HOLDS_MS = DAY_MS;
/** An answer that was not refreshed for this long belongs to an image that no pool runs any more. */
const KEPT_MS = 30 * DAY_MS;
/** Images that one process keeps in memory in addition to the storage. */
const MAX_HELD = 200;
/** After a failure, only one scan in this time makes another attempt, so that the others do not wait. */
const QUIET_MS = 10 * 60_000;

/** `ids` is null when the data does not know the image. */
const KeptShape = z.object({ at: z.iso.datetime(), ids: z.array(z.string()).readonly().nullable() });
type Kept = z.output<typeof KeptShape>;

/** AKS's public data with a cache; its module is loaded only when the source is on. */
export async function vulnerabilitiesOf(texts: Pick<TextBlobs, 'read' | 'write'>, clock: () => Date): Promise<VulnerabilitySource> {
  const { vulnerabilityData } = await import('../../azure/vulnerability-data.ts');
  return rememberedVulnerabilities(vulnerabilityData({ clock }), texts, clock);
}

/** Caches each image's answer for a day, in memory and in the app's storage, for every instance of the app. */
export function rememberedVulnerabilities(
  source: VulnerabilitySource,
  texts: Pick<TextBlobs, 'read' | 'write'>,
  clock: () => Date,
): VulnerabilitySource {
  const held = new Map<string, Kept>();
  const ask = patient(source, answerLog(texts, clock), clock);
  const isFresh = ({ at }: Kept) => Math.abs(clock().getTime() - Date.parse(at)) < HOLDS_MS;
  return async (nodeImageVersion, abortSignal) => {
    const image = parseNodeImage(nodeImageVersion);
    if (image === undefined) return undefined;
    const name = `${image.variant}-${image.release}`;
    const known = held.get(name);
    if (known !== undefined && isFresh(known)) return known.ids ?? undefined;
    const place = `${VULNERABILITIES_PLACE}${name}.json`;
    const read = await texts.read(place);
    const blob = read === 'unchanged' ? undefined : read;
    const kept = blob && keptOf(blob.text);
    const isKept = kept !== undefined && isFresh(kept);
    const answer = isKept ? kept : { at: clock().toISOString(), ids: (await ask(name, abortSignal)) ?? null };
    held.delete(name);
    held.set(name, answer);
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    if (!isKept) await texts.write(place, JSON.stringify(answer), blob?.etag);
    return answer.ids ?? undefined;
  };
}

/** Deletes cached public data: all of it when the source is off, otherwise what was not refreshed for a month. */
export function pruneVulnerabilities(texts: Pick<TextBlobs, 'deleteBelow'>, isOn: boolean, clock: () => Date): () => Promise<number> {
  return () => texts.deleteBelow(VULNERABILITIES_PLACE, new Date(clock().getTime() - (isOn ? KEPT_MS : 0)));
}

/** Queries the source and records the outcome. A source that failed is skipped for a while, so that scans do not wait for it one after another. */
function patient(source: VulnerabilitySource, log: AnswerLog, clock: () => Date): VulnerabilitySource {
  let failed: { readonly fault: Fault; readonly at: number } | undefined;
  return async (name, abortSignal) => {
    const now = clock().getTime();
    if (failed !== undefined && now >= failed.at && now < failed.at + QUIET_MS) throw failed.fault;
    try {
      const ids = await source(name, abortSignal);
      failed = undefined;
      await log.answered();
      return ids;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failed = { fault: error, at: now };
      await log.failed(error);
      throw error;
    }
  };
}

function keptOf(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Truncated or written by another program: query the source again.
    return undefined;
  }
  return KeptShape.safeParse(value).data;
}
