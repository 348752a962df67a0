/** Parses JSON; `undefined` for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Of a text, `JSON.parse` throws nothing but a `SyntaxError`.
    return undefined;
  }
}
