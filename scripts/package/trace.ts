import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What a program needs at run time: its files, and imports that are not installed. */
export interface Trace {
  readonly files: readonly string[];
  /** `specifier from file`: optional dependencies, and code for other platforms behind a condition. */
  readonly unresolved: readonly string[];
}

/** Resolves a specifier from a file as Node's `import` does; throws if it finds nothing. */
export type ResolveImport = (specifier: string, parent: string) => string;

const BUILT_IN: ReadonlySet<string> = new Set(builtinModules);
const STATIC = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(?<name>[^'"\n]+)\1|^\s*import\s*(['"])(?<bare>[^'"\n]+)\3/gm;
const MINIFIED =
  /\b(?:import|export)\s*(?:\*\s*as\s+[\w$]+|\*|[\w$]+|\{[^{}]*\})(?:\s*,\s*\{[^{}]*\})?\s*from\s*(['"])(?<name>[^'"\n]+)\1/g;
const DYNAMIC = /\bimport\(\s*(?:\/\*[^*]*\*\/\s*)?(['"`])(?<name>[^'"`$\n]+)\1\s*[,)]/g;
const REQUIRE = /\brequire(?:\.resolve)?\(\s*(['"`])(?<name>[^'"`$\n]+)\1\s*\)/g;

/**
 * Follows every import and require with a literal specifier, including lazy ones, from the entries. It does not see specifiers that
 * are computed at run time; the packaging script loads the result to find those.
 */
export function trace(entries: readonly string[], resolveImport: ResolveImport): Trace {
  const seen = new Set<string>();
  const manifests = new Set<string>();
  const unresolved = new Set<string>();
  const waiting = entries.map((entry) => realpathSync(entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const [manifest] = manifestsOf(file);
    for (const found of manifestsOf(file)) manifests.add(found);
    if (!['.js', '.mjs', '.cjs'].includes(extname(file))) continue;
    const isModule = extname(file) === '.mjs' || (extname(file) === '.js' && typeOf(manifest) === 'module');
    for (const found of follow(file, isModule, resolveImport)) {
      if (found.path === undefined) unresolved.add(`${found.specifier} from ${file}`);
      else waiting.push(found.path);
    }
  }
  return { files: [...seen, ...manifests].sort(), unresolved: [...unresolved].sort() };
}

/** The manifests that apply to a file, nearest first: a folder may have one that contains only a type. */
function manifestsOf(file: string): readonly string[] {
  const found: string[] = [];
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) found.push(manifest);
    if (isPackageFolder(folder) || (found.length > 0 && !folder.includes('node_modules'))) return found;
  }
  return found;
}

function isPackageFolder(folder: string): boolean {
  const parent = dirname(folder);
  return basename(parent) === 'node_modules' || (basename(parent).startsWith('@') && basename(dirname(parent)) === 'node_modules');
}

function typeOf(manifest: string | undefined): unknown {
  return manifest === undefined ? undefined : JSON.parse(readFileSync(manifest, 'utf8')).type;
}

function* follow(file: string, isModule: boolean, resolveImport: ResolveImport) {
  const source = readFileSync(file, 'utf8');
  const imported = [...names(source, DYNAMIC), ...(isModule ? [...names(source, STATIC), ...names(source, MINIFIED)] : [])];
  for (const specifier of new Set(imported)) {
    if (!isBuiltIn(specifier))
      yield { specifier, path: attempt(() => real(fileURLToPath(resolveImport(specifier, pathToFileURL(file).href)))) };
  }
  const { resolve } = createRequire(file);
  for (const specifier of new Set(names(source, REQUIRE))) {
    if (!isBuiltIn(specifier)) yield { specifier, path: attempt(() => real(resolve(specifier))) };
  }
}

function names(source: string, pattern: RegExp): readonly string[] {
  return [...source.matchAll(pattern)].map(({ groups }) => groups?.name ?? groups?.bare ?? '');
}

function isBuiltIn(specifier: string): boolean {
  return specifier.startsWith('node:') || BUILT_IN.has(specifier) || BUILT_IN.has(specifier.split('/')[0] ?? '');
}

/** `import` resolves a path without looking whether it is there, or is a folder. */
function real(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? realpathSync(path) : undefined;
}

function attempt(resolve: () => string | undefined): string | undefined {
  try {
    return resolve();
  } catch {
    // Node throws if it finds nothing; the caller reports the specifier as unresolved.
    return undefined;
  }
}

/** The license files beside a package's manifest, which are deployed with its code. */
export function licenseNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => /^(?:licen[cs]e|notice|copying)/i.test(name));
}
