import { ParkedView } from '../../http/schemas/operation-schemas.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { plain, table } from '../frame/table.ts';
import type { Page } from '../frame/terminal.ts';
import { type AppOptions, listAll, readAnswer, sendApi } from './connection.ts';

/** The options of `kataudit parked list`. */
export interface ListParkedOptions extends AppOptions {
  readonly state: State;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

type State = 'waiting' | 'settled';

type Print = (text: string) => void;

type Parked = ReturnType<typeof ParkedView.parse>;

/**
 * `kataudit parked list`: lists parked messages, or those that were replayed or dropped. Exits with 1 if any message is waiting,
 * otherwise with 0.
 */
export async function listParkedMessages({ terminal }: Pick<Surroundings, 'terminal'>, options: ListParkedOptions): Promise<number> {
  const { state } = options;
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const messages = await listAll(options, 'parked', new URLSearchParams({ state }), ParkedView);
  await deliver(terminal, destinations, (format, page) => {
    if (format === 'json') return JSON.stringify(messages, undefined, 2);
    return messages.length === 0 ? NONE[state] : listing(messages, state, page);
  });
  return state === 'waiting' && messages.length > 0 ? 1 : 0;
}

const NONE: Readonly<Record<State, string>> = {
  waiting: 'There are no parked messages.',
  settled: 'No parked message has been replayed or dropped.',
};

/** `kataudit parked replay`: sends a parked message to its queue again. */
export async function replayParkedMessage(id: string, options: AppOptions, print: Print): Promise<number> {
  const answer = await sendApi(options, 'POST', `parked/${encodeURIComponent(id)}/replay`);
  const { queue, body } = await readAnswer(options, answer, ParkedView);
  print(`Sent again to the queue ${plain(queue)}: ${plain(body)}`);
  return 0;
}

/** `kataudit parked drop`: drops a parked message. */
export async function dropParkedMessage(id: string, options: AppOptions, print: Print): Promise<number> {
  await sendApi(options, 'DELETE', `parked/${encodeURIComponent(id)}`);
  print(`Dropped ${plain(id)}.`);
  return 0;
}

function listing(messages: readonly Parked[], state: State, page: Page): string {
  const header = ['ID', 'QUEUE', 'PARKED AT', 'WHY', 'MESSAGE'];
  const rows = messages.map(({ id, queue, parkedAt, reason, body, settled }) => [
    ...(state === 'waiting' ? [] : [settled?.how ?? '', settled?.at ?? '', settled?.by ?? 'by access key']),
    ...[id, queue, parkedAt, reason, body],
  ]);
  return table(state === 'waiting' ? header : ['DONE', 'AT', 'BY', ...header], rows, page);
}
