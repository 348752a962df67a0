import type { ReadDocument } from './document.ts';
import type { DocumentText } from './documents.ts';
import { readJson } from './json-document.ts';
import { readYaml } from './yaml-document.ts';

/** Reads a document, or an item of a list, as JSON or YAML. */
export function readPiece({ text, isJson }: DocumentText): ReadDocument {
  return isJson ? readJson(text) : readYaml(text);
}
