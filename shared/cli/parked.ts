import { z } from 'zod';
import { type ApiOptions, sendApi } from './api-client.ts';
import { plain, table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** The options of `kataudit parked list` as typed. */
export interface ListParkedOptions extends ApiOptions {
  readonly state: string;
  readonly format: string;
}

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
const STATES = ['waiting', 'settled'];
const FORMATS = ['table', 'json'];
const REASON_WIDTH = 80;

/** `kataudit parked list`: prints the messages that failed for good, or what became of them; 1 when any waits, 0 otherwise. */
export async function listParkedMessages(options: ListParkedOptions, print: Print): Promise<number> {
  const { state, format } = options;
  if (!STATES.includes(state)) throw new UsageError(`--state is one of ${STATES.join(', ')}, not ${JSON.stringify(state)}`);
  if (!FORMATS.includes(format)) throw new UsageError(`--format is one of ${FORMATS.join(', ')}, not ${JSON.stringify(format)}`);
  const messages = await all(options, state);
  if (format === 'json') print(JSON.stringify(messages, undefined, 2));
  else print(messages.length === 0 ? NONE[state === 'waiting' ? 'waiting' : 'settled'] : listing(messages, state));
  return state === 'waiting' && messages.length > 0 ? 1 : 0;
}

const NONE = { waiting: 'No message is parked.', settled: 'No parked message has been replayed or dropped.' };

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
    cursor = nextLink === undefined ? null : new URL(nextLink).searchParams.get('cursor');
  } while (cursor !== null);
  return messages;
}

function listing(messages: readonly Parked[], state: string): string {
  const header = ['id', 'queue', 'parked at', 'why', 'message'];
  const row = ({ id, queue, parkedAt, reason, body }: Parked) => [id, queue, parkedAt, reason, body];
  if (state === 'waiting') return table(header, messages.map(row), REASON_WIDTH);
  const done = messages.map(({ settled, ...message }) => [
    settled?.how ?? '',
    settled?.at ?? '',
    settled?.by ?? 'by function key',
    ...row({ ...message, settled }),
  ]);
  return table(['done', 'at', 'by', ...header], done, REASON_WIDTH);
}
