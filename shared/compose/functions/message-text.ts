/**
 * The text of a queue message as it was written. Messages are base64, which the host is told not to decode (`messageEncoding: none`): one
 * that is no base64 would fail in it before any code of ours, and stay in the poison queue for ever. Here it is parked like any other.
 */
export function messageText(message: unknown): string {
  if (typeof message !== 'string') return JSON.stringify(message);
  const bytes = Buffer.from(message, 'base64');
  return bytes.toString('base64') === message.trim() ? bytes.toString('utf8') : message;
}

/** What a message holds; its text where that is no JSON. */
export function messageContent(message: unknown): unknown {
  const text = messageText(message);
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so not one of ours: the parser of its queue says so.
    return text;
  }
}
