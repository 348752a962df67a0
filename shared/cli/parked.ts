import { z } from 'zod';
import { type ApiOptions, sendApi } from './api-client.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';

/** The options of `kataudit parked list` as typed. */
export interface ListParkedOptions extends ApiOptions {
  readonly state: State;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

type State = 'waiting' | 'settled';

type Print = (text: string) => void;

const parkedMessage = z.object({
  id: z.string(),
  queue: z.string(),
  body: z.string(),
  reason: z.string(),
  parkedAt: z.string(),
  dequeueCount: z.number(),
  settled: z.object({ how: z.string(), at: z.string(), by: z.string().optional() }).optional(),
});
const page = z.object({ value: z.array(parkedMessage), nextLink: z.string().optional() });
type Parked = z.output<typeof parkedMessage>;

const PAGE = '100';

/** `kataudit parked list`: prints the messages that failed for good, or what became of them; 1 when any waits, 0 otherwise. */
export async function listParkedMessages({ terminal }: Pick<Surroundings, 'terminal'>, options: ListParkedOptions): Promise<number> {
  const { state } = options;
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const messages = await all(options, state);
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(messages, undefined, 2);
    return messages.length === 0 ? NONE[state] : listing(messages, state, page);
  });
  return state === 'waiting' && messages.length > 0 ? 1 : 0;
}

const NONE: Readonly<Record<State, string>> = {
  waiting: 'No message is parked.',
  settled: 'No parked message has been replayed or dropped.',
};

/** `kataudit parked replay`: has the app send a parked message again. */
export async function replayParkedMessage(id: string, options: ApiOptions, print: Print): Promise<number> {
  const answer = await sendApi(options, 'POST', `parked/${encodeURIComponent(id)}/replay`);
  const { queue, body } = parkedMessage.parse(await answer.json());
  print(`Sent to the queue ${plain(queue)} again: ${plain(body)}`);
  return 0;
}

/** `kataudit parked drop`: has the app give a parked message up. */
export async function dropParkedMessage(id: string, options: ApiOptions, print: Print): Promise<number> {
  await sendApi(options, 'DELETE', `parked/${encodeURIComponent(id)}`);
  print(`${plain(id)} waits no more.`);
  return 0;
}

async function all(options: ApiOptions, state: string): Promise<readonly Parked[]> {
  const messages: Parked[] = [];
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ state, top: PAGE, ...(cursor === null ? {} : { cursor }) });
    const { value, nextLink } = page.parse(await (await sendApi(options, 'GET', 'parked', search)).json());
    messages.push(...value);
    cursor = nextLink === undefined ? null : new URL(nextLink, options.url).searchParams.get('cursor');
  } while (cursor !== null);
  return messages;
}

function listing(messages: readonly Parked[], state: State, page: Page): string {
  const header = ['ID', 'QUEUE', 'PARKED AT', 'WHY', 'MESSAGE'];
  const row = ({ id, queue, parkedAt, reason, body }: Parked) => [id, queue, parkedAt, reason, body];
  if (state === 'waiting') return table(header, messages.map(row), page);
  const done = messages.map(({ settled, ...message }) => [
    settled?.how ?? '',
    settled?.at ?? '',
    settled?.by ?? 'by function key',
    ...row({ ...message, settled }),
  ]);
  return table(['DONE', 'AT', 'BY', ...header], done, page);
}
