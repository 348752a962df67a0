/**
 * The text of a queue message as it was written. Messages are base64, which the host is told not to decode (`messageEncoding: none`). A message
 * that is not base64 would fail in the host before our code runs, and stay in the poison queue forever. Here it is parked like any other.
 */
export function messageText(message: unknown): string {
  if (typeof message !== 'string') return JSON.stringify(message);
  const bytes = Buffer.from(message, 'base64');
  return bytes.toString('base64') === message.trim() ? bytes.toString('utf8') : message;
}

/** The parsed content of a message, or its text when that is not JSON. */
export function messageContent(message: unknown): unknown {
  const text = messageText(message);
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not our message; the parser of the queue reports it.
    return text;
  }
}
