/** The text of a file as kubectl decodes it, or why it has none. */
export type DecodedText = { readonly text: string } | { readonly unreadable: string };

/** Offsets of the first character of each line. */
export type LineStarts = readonly number[];

/** A line and a column, both from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Decodes a file: UTF-8, or UTF-16 with a byte order mark; bytes that are not UTF-8 become U+FFFD, as in kubectl.
 * Source: k8s.io/cli-runtime pkg/resource/visitor.go (unicode.BOMOverride).
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  const text = new TextDecoder(encoding).decode(bytes);
  return text.includes('\0') ? { unreadable: 'It is a binary file, not text.' } : { text };
}

/** Indexes the lines of a text. */
export function lineStarts(text: string): LineStarts {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line and column of an offset. */
export function positionOf(starts: LineStarts, offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
