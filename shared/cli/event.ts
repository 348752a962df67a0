import { randomUUID } from 'node:crypto';
import { parseClusterEvent } from '../domain/snapshot/event.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { EVENT_TYPES } from './event-types.ts';
import { readText, sourceName } from './frame/files.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit event`. */
export interface EventOptions {
  readonly url: string;
  readonly key?: string;
  readonly type?: (typeof EVENT_TYPES)[number];
  readonly cluster?: string;
  readonly nodePool?: string;
}

const TIME_LIMIT_MS = 30_000;

/** Sends events to a running app as Event Grid would: from a file, or generated from the options. */
export async function sendEvents(file: string | undefined, options: EventOptions): Promise<number> {
  const events = file === undefined ? [madeUp(options)] : eventsOf(await readText(file), sourceName(file));
  for (const event of events) {
    const read = parseClusterEvent(event);
    if ('malformed' in read) throw new UsageError(`Not an event that Kataudit can read: ${read.malformed.join('; ')}`);
    if ('irrelevant' in read) console.log(`The app will ignore this one: ${read.irrelevant}`);
    await deliver(event, options);
    if ('clusterId' in read) console.log(`Delivered ${read.kind} for ${read.clusterId}`);
  }
  return 0;
}

function madeUp({ type, cluster, nodePool }: EventOptions): unknown {
  if (type === undefined || cluster === undefined) throw new UsageError('Give a file of events, or --type and --cluster.');
  const name = parseClusterId(cluster)?.name;
  if (name === undefined) throw new UsageError(`--cluster must be the ARM id of an AKS cluster, not ${JSON.stringify(cluster)}`);
  if (type.startsWith('NodePool') && nodePool === undefined) throw new UsageError(`${type} needs --node-pool.`);
  return {
    topic: cluster,
    subject: name,
    eventType: `Microsoft.ContainerService.${type}`,
    id: randomUUID(),
    data: nodePool === undefined ? {} : { nodePoolName: nodePool },
    dataVersion: '1',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
  };
}

function eventsOf(text: string, file: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    const events: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (events.length > 0) return events;
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new UsageError(`${file} contains no event: its list is empty.`);
}

async function deliver(event: unknown, { url, key }: EventOptions): Promise<void> {
  const address = webhook(url, key);
  let answer: Response;
  try {
    answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
      body: JSON.stringify([event]),
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
  } catch (cause) {
    throw new UsageError(`No app answers at ${url}. Start one with \`npm start\`, or give its address with --url.`, { cause });
  }
  if (answer.ok) return;
  const hint = answer.status === 401 ? " Give the app's key with --key." : '';
  throw new UsageError(`${url} refused the event with status ${answer.status}.${hint}`);
}

function webhook(url: string, key: string | undefined): URL {
  let address: URL;
  try {
    address = new URL('/runtime/webhooks/EventGrid?functionName=cluster-changed', url);
  } catch (cause) {
    throw new UsageError(`--url must be the address of an app, such as http://127.0.0.1:7071, not ${JSON.stringify(url)}`, { cause });
  }
  if (key !== undefined) address.searchParams.set('code', key);
  return address;
}
