import { z } from 'zod';
import { dropMessage, replayMessage } from '../../usecases/park-message.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { ParkedMessageList, ParkedView } from '../schemas/operation-schemas.ts';

const PARKED_ID = /^[0-9a-f]{1,64}$/;
const parameters = { id: 'The id of a parked message.' };
const { 304: _unused, ...ANSWERS } = SINGLE;

const state = z.enum(['waiting', 'settled']).default('waiting').describe('`settled`: those that were replayed or dropped.');

/** `GET /parked`: messages that failed after all tries. */
export const listParked = defineRoute({
  name: 'list-parked',
  tag: 'operations',
  summary: 'Lists parked messages: those that failed at every attempt.',
  query: z.strictObject({ state, ...LIST_PARAMETERS }),
  answers: { 200: { description: 'A page of parked messages.', schema: ParkedMessageList }, ...SECURED },
  handle: (dependencies, call) => {
    const { parked } = dependencies;
    return pageResponse(dependencies, call, (top, after) =>
      call.query.state === 'waiting' ? parked.list(top, after) : parked.listSettled(top, after),
    );
  },
});

/** `POST /parked/{id}/replay`: queues a parked message again. */
export const replayParked = defineRoute({
  name: 'replay-parked',
  tag: 'operations',
  summary: 'Sends a parked message to its queue again, and records who did.',
  parameters,
  query: NO_QUERY,
  answers: { 200: { description: 'The message that was sent.', schema: ParkedView }, ...ANSWERS },
  handle: async (dependencies, { params, caller }) => json(await replayMessage(dependencies, parkedId(params.id), caller.objectId)),
});

/** `DELETE /parked/{id}`: drops a parked message. */
export const dropParked = defineRoute({
  name: 'drop-parked',
  tag: 'operations',
  summary: 'Drops a parked message, and records who did; dropping it again is harmless.',
  parameters,
  query: NO_QUERY,
  answers: { 204: { description: 'It is no longer waiting.' }, ...ANSWERS },
  handle: async (dependencies, { params, caller }) => {
    await dropMessage(dependencies, parkedId(params.id), caller.objectId);
    return { status: 204, headers: {} };
  },
});

function parkedId(text = ''): string {
  if (!PARKED_ID.test(text)) throw new Problem(404, 'There is no parked message with this id.');
  return text;
}
