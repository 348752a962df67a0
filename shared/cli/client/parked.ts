import { ParkedView } from '../../http/schemas/operation-schemas.ts';
import { deliver, destinationsOf, type Wanted } from '../frame/destinations.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { plain, table } from '../frame/table.ts';
import type { Page } from '../frame/terminal.ts';
import { type AppOptions, listAll, readAnswer, sendApi } from './connection.ts';

/** The options of `kataudit parked list` as typed. */
export interface ListParkedOptions extends AppOptions {
  readonly state: State;
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

type State = 'waiting' | 'settled';

type Print = (text: string) => void;

type Parked = ReturnType<typeof ParkedView.parse>;

/** `kataudit parked list`: prints the messages that failed for good, or what became of them; 1 when any waits, 0 otherwise. */
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
  waiting: 'No message is parked.',
  settled: 'No parked message has been replayed or dropped.',
};

/** `kataudit parked replay`: has the app send a parked message again. */
export async function replayParkedMessage(id: string, options: AppOptions, print: Print): Promise<number> {
  const answer = await sendApi(options, 'POST', `parked/${encodeURIComponent(id)}/replay`);
  const { queue, body } = await readAnswer(options, answer, ParkedView);
  print(`Sent to the queue ${plain(queue)} again: ${plain(body)}`);
  return 0;
}

/** `kataudit parked drop`: has the app give a parked message up. */
export async function dropParkedMessage(id: string, options: AppOptions, print: Print): Promise<number> {
  await sendApi(options, 'DELETE', `parked/${encodeURIComponent(id)}`);
  print(`${plain(id)} waits no more.`);
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
