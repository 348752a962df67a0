/*
 * How kubectl splits a stream into documents before it parses YAML. Source: k8s.io/apimachinery pkg/util/yaml/decoder.go
 * (YAMLReader, GuessJSONStream). A line that begins with `---` always ends a document.
 */

/** One document of a stream, with its start. */
export interface DocumentText {
  readonly text: string;
  /** Offset of its first character in the stream. */
  readonly offset: number;
  /** Whether it is known to be one complete JSON value. */
  readonly isJson: boolean;
}

/** A message about one position of a text. */
export interface Remark {
  readonly offset: number;
  readonly message: string;
}

/** The documents of a stream, and what kubectl refuses between them. */
export interface Documents {
  readonly documents: readonly DocumentText[];
  readonly refused: readonly Remark[];
}

const SEPARATOR = '---';

/** Splits a stream into its documents; blank documents are omitted. */
export function cutDocuments(stream: string): Documents {
  const json = jsonDocuments(stream);
  const rest = yamlDocuments(stream, json.end);
  const documents = [...json.documents, ...rest.documents].map(withoutMark).filter(({ text }) => text.trim() !== '');
  return { documents, refused: rest.refused };
}

/** Consecutive JSON values at the start of a stream; kubectl reads each of them. */
function jsonDocuments(stream: string): { readonly documents: readonly DocumentText[]; readonly end: number } {
  const documents: DocumentText[] = [];
  let end = 0;
  for (let at = firstVisible(stream, 0); stream[at] === '{'; at = firstVisible(stream, end)) {
    const after = endOfJson(stream, at);
    const text = after === undefined ? '' : stream.slice(at, after);
    if (after === undefined || !isJson(text)) break;
    documents.push({ text, offset: at, isJson: true });
    end = after;
  }
  return { documents, end };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // It is YAML that only looks like JSON: split it as YAML.
    return false;
  }
}

function firstVisible(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s\uFEFF]/.test(text.charAt(at))) at += 1;
  return at;
}

/** The offset after a JSON object, found by its brackets only; `undefined` when it does not end. */
export function endOfJson(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at);
    else if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** The offset of the quote that ends a JSON string. */
export function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function yamlDocuments(stream: string, from: number): Documents {
  const documents: DocumentText[] = [];
  const refused: Remark[] = [];
  let begin = from;
  for (let line = from; line < stream.length; line = nextLine(stream, line)) {
    if (!stream.startsWith(SEPARATOR, line)) continue;
    documents.push({ text: stream.slice(begin, line), offset: begin, isJson: false });
    const behind = stream.slice(line + SEPARATOR.length, nextLine(stream, line)).trim();
    const isSeparator = behind === '' || behind.startsWith('#');
    if (!isSeparator) refused.push({ offset: line, message: separatorMessage(behind) });
    begin = isSeparator || behind.startsWith('-') ? nextLine(stream, line) : line + SEPARATOR.length;
  }
  documents.push({ text: stream.slice(begin), offset: begin, isJson: false });
  return { documents, refused };
}

function separatorMessage(behind: string): string {
  return `kubectl refuses a separator that is followed by text (${JSON.stringify(behind.slice(0, 40))}): only a comment may follow ---.`;
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

/** Concatenated files leave byte order marks in the middle of the stream, at the start of a document. */
function withoutMark(document: DocumentText): DocumentText {
  const text = document.text.replace(/^\uFEFF+/, '');
  return { ...document, text, offset: document.offset + document.text.length - text.length };
}
