import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BicepFile, loadBicepParser, type Problem, syntaxProblems } from './bicep.ts';
import { houseProblems } from './house-rules.ts';
import { moduleProblems } from './modules.ts';
import { symbolProblems } from './symbols.ts';

/** The texts of a tree of files, by path. */
export type Texts = ReadonlyMap<string, string>;

/** Reads every Bicep, JSON and YAML file below a folder. */
export function readTexts(folder: string): Texts {
  const paths = globSync('**/*.{bicep,json,yaml}', { cwd: folder }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

const parser = loadBicepParser();

/** Parses the Bicep files among texts. */
export async function parseTree(texts: Texts): Promise<ReadonlyMap<string, BicepFile>> {
  const parse = await parser;
  const files = [...texts].filter(([path]) => path.endsWith('.bicep'));
  return new Map(files.map(([path, text]) => [path, parse(path, text)]));
}

/** Everything wrong with the Bicep files among texts; a file that cannot be read is told of that alone. */
export async function lint(texts: Texts): Promise<readonly Problem[]> {
  const tree = await parseTree(texts);
  return [...tree.values()].flatMap((file) => {
    const unreadable = syntaxProblems(file);
    if (unreadable.length > 0) return unreadable;
    return [...symbolProblems(file), ...moduleProblems(file, tree), ...houseProblems(file, texts)];
  });
}
