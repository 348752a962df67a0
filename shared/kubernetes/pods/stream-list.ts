import { z } from 'zod';
import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { parseJson } from '../../domain/text/json.ts';
import type { HttpClient } from '../client/http-client.ts';
import { Untrusted } from '../client/network-fault.ts';
import type { Resource } from '../wire/resources.ts';
import { BrokenStream, StreamedList, type TakeItem } from '../wire/streamed-list.ts';
import { refusal } from './list-fault.ts';

/** The list could not be read as a stream; pages may still work. The message gives the reason as the end of a sentence. */
export class Unstreamed extends Error {}

/**
 * The first minor version of Kubernetes 1 whose servers encode a list while they send it. Older ones hold the whole response in memory
 * first. Source: kubernetes/enhancements#5116 (beta and on in 1.33, stable in 1.34).
 */
const STREAMS_SINCE = 34;
/** Statuses that concern the caller and not the stream: pages would be refused as well. */
const REFUSED = [401, 403, 404];

/** Faults after which another request may succeed. */
const PASSING: readonly FaultCode[] = ['unreachable', 'timed-out', 'malformed'];

const Version = z.object({ major: z.string(), minor: z.string() });

/** Reads one unpaged list and passes each item to `take` as it arrives; throws `Unstreamed` if the list must be read in pages. */
export async function streamList<T>(client: HttpClient, resource: Resource<T>, take: TakeItem, abortSignal: AbortSignal): Promise<void> {
  const old = await whyNotStreamed(client, abortSignal);
  if (old !== undefined) throw new Unstreamed(old);
  const list = new StreamedList(resource.listKind, take);
  try {
    const refused = await client.stream(resource.path, abortSignal, (chunk) => list.push(chunk));
    if (refused !== undefined && REFUSED.includes(refused.status)) throw refusal(refused, resource);
    if (refused !== undefined) throw new Unstreamed(`the API server answered the stream with status ${refused.status}`);
    const { continue: rest } = list.end();
    if (rest) throw new Unstreamed('the API server returned only a part of the list, although all of it was requested');
  } catch (error) {
    if (error instanceof BrokenStream) throw new Unstreamed(`the stream broke: ${error.message}`);
    if (isPassing(error) && !abortSignal.aborted) throw new Unstreamed(`the stream broke: ${error.message}`);
    throw error;
  }
}

/** Whether the fault may concern only the stream; an untrusted server gets no second request. */
function isPassing(error: unknown): error is Fault {
  return error instanceof Fault && !(error instanceof Untrusted) && PASSING.includes(error.code);
}

/** Returns why a server's lists are not streamed, or `undefined` if they are; every authenticated user may read the version. */
export async function whyNotStreamed(client: HttpClient, abortSignal: AbortSignal): Promise<string | undefined> {
  const { status, body } = await client.get('/version', 'application/json', abortSignal);
  if (status !== 200) return `the API server does not return its version (status ${status})`;
  const { data } = Version.safeParse(parseJson(body.bytes.toString('utf8')));
  body.release();
  if (data === undefined) return 'the API server returned its version in an unknown format';
  const streams = data.major === '1' && Number.parseInt(data.minor, 10) >= STREAMS_SINCE;
  return streams ? undefined : `Kubernetes ${data.major}.${data.minor} does not stream lists`;
}
