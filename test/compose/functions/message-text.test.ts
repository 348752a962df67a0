import { describe, expect, it } from 'vitest';
import { failedMessage, isLastTry, MAX_DEQUEUE_COUNT } from '../../../shared/compose/functions/last-try.ts';
import { messageContent } from '../../../shared/compose/functions/message-text.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a queue message', () => {
  // The host passes text unchanged, and text that looks like JSON as its value.
  it.each([
    ['as the app writes it', base64('{"a":"ü"}'), { a: 'ü' }, '{"a":"ü"}'],
    ['of plain JSON', { a: 1 }, { a: 1 }, '{"a":1}'],
    ['that is base64 of text that is not JSON', base64('plain'), 'plain', 'plain'],
    ['that is not base64', 'no base64!', 'no base64!', 'no base64!'],
    ['that is a number', 12, 12, '12'],
    ['with a line break after its base64', `${base64('{}')}\n`, {}, '{}'],
    ['that is empty', '', '', ''],
  ])('%s contains what was written, and is parked unchanged', (_, message, content, body) => {
    expect(messageContent(message)).toEqual(content);
    expect(failedMessage('scans', message, {}).body).toBe(body);
  });
});

it('a failed message keeps its id and its queue, by which it is parked once', () => {
  const failed = { queue: 'scans', body: 'no base64!', dequeueCount: MAX_DEQUEUE_COUNT };
  expect(failedMessage('scans', 'no base64!', { triggerMetadata: { id: 'm1', dequeueCount: 3 } })).toEqual({ ...failed, id: 'm1' });
  expect(failedMessage('scans', 'no base64!', {})).toEqual({ ...failed, id: '' });
});

it.each([
  [undefined, false],
  [1, false],
  [MAX_DEQUEUE_COUNT - 1, false],
  [MAX_DEQUEUE_COUNT, true],
  [MAX_DEQUEUE_COUNT + 1, true],
])('attempt %s is the last one: %s', (dequeueCount, last) => {
  expect(isLastTry({ triggerMetadata: { dequeueCount } })).toBe(last);
  expect(isLastTry({})).toBe(false);
});
