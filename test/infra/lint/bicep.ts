import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** Something wrong with a Bicep file. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** A parsed Bicep file. */
export interface BicepFile {
  /** Relative to the folder of the tree that is checked. */
  readonly path: string;
  readonly root: Node;
  readonly source: string;
  /** Names that an `extension` statement brings in; the grammar does not know the statement. */
  readonly extensions: readonly string[];
}

/** Parses Bicep text; what the grammar cannot read is told by `syntaxProblems`. */
export type ParseBicep = (path: string, source: string) => BicepFile;

const EXTENSION = /^extension (?<name>[A-Za-z0-9_]+)\s*$/gm;

/** Loads the grammar once. */
export async function loadBicepParser(): Promise<ParseBicep> {
  const require = createRequire(import.meta.url);
  await Parser.init();
  const language = await Language.load(readFileSync(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));
  const parser = new Parser().setLanguage(language);
  return (path, source) => {
    const extensions = [...source.matchAll(EXTENSION)].map(({ groups }) => groups?.name ?? '');
    const tree = parser.parse(source.replace(EXTENSION, (line) => ' '.repeat(line.length)));
    if (tree === null) throw new Error(`${path} could not be parsed at all`);
    return { path, root: tree.rootNode, source, extensions };
  };
}

/** The children of a node that the grammar names, in order, without comments. */
export function named(node: Node): readonly Node[] {
  return node.namedChildren.filter(({ type }) => !isComment(type));
}

/** Whether a type of node is a comment. */
export function isComment(type: string): boolean {
  return type === 'comment' || type === 'diagnostic_comment';
}

/** Every node below and including a node, in order of the text. */
export function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

/** A problem at a node. */
export function problem(file: BicepFile, node: Node, message: string): Problem {
  return { file: file.path, line: node.startPosition.row + 1, message };
}

/** What the grammar could not read. */
export function syntaxProblems(file: BicepFile): readonly Problem[] {
  return [...walk(file.root)]
    .filter((node) => node.isError || node.isMissing)
    .map((node) => problem(file, node, `cannot be read near ${JSON.stringify(node.text.slice(0, 60))}`));
}
