import { z } from 'zod';
import { parseNodeImage } from '../../domain/images/node-image.ts';
import type { VulnerabilitySource } from '../../ports/vulnerability-source.ts';
import type { TextBlobs } from '../../storage/text-blobs.ts';

/** The public data is made anew now and then; an answer is good for a day. */
const HOLDS_MS = 24 * 3_600_000;
/** Images that one process keeps in memory beside the storage. */
const MAX_HELD = 200;

/** `ids` is null when the data does not know the image. */
const KeptShape = z.object({ at: z.iso.datetime(), ids: z.array(z.string()).readonly().nullable() });
type Kept = z.output<typeof KeptShape>;

/** AKS's public data, remembered; its module is loaded only where it is on. */
export async function vulnerabilitiesOf(texts: TextBlobs, clock: () => Date): Promise<VulnerabilitySource> {
  const { vulnerabilityData } = await import('../../azure/vulnerability-data.ts');
  return rememberedVulnerabilities(vulnerabilityData({ clock }), texts, clock);
}

/** A source that remembers each image's answer for a day, in memory and in the app's storage, for every instance of the app. */
export function rememberedVulnerabilities(source: VulnerabilitySource, texts: TextBlobs, clock: () => Date): VulnerabilitySource {
  const held = new Map<string, Kept>();
  const isFresh = ({ at }: Kept) => Math.abs(clock().getTime() - Date.parse(at)) < HOLDS_MS;
  return async (nodeImageVersion, abortSignal) => {
    const image = parseNodeImage(nodeImageVersion);
    if (image === undefined) return undefined;
    const name = `${image.variant}-${image.release}`;
    const known = held.get(name);
    if (known !== undefined && isFresh(known)) return known.ids ?? undefined;
    const place = `policy/vulnerabilities/${name}.json`;
    const blob = await texts.read(place);
    const kept = blob === undefined || blob === 'unchanged' ? undefined : keptOf(blob.text);
    const answer = kept !== undefined && isFresh(kept) ? kept : await ask(source, name, clock, abortSignal);
    held.delete(name);
    held.set(name, answer);
    const [oldest] = held.keys();
    if (held.size > MAX_HELD && oldest !== undefined) held.delete(oldest);
    if (answer !== kept)
      await texts.write(place, JSON.stringify(answer), blob === undefined || blob === 'unchanged' ? undefined : blob.etag);
    return answer.ids ?? undefined;
  };
}

async function ask(source: VulnerabilitySource, name: string, clock: () => Date, abortSignal: AbortSignal): Promise<Kept> {
  const at = clock().toISOString();
  return { at, ids: (await source(name, abortSignal)) ?? null };
}

function keptOf(text: string): Kept | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Cut off or written by somebody else: it is asked for anew.
    return undefined;
  }
  return KeptShape.safeParse(value).data;
}
