import { globSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** Files that start a process or are loaded by their path, so each must stay a separate file. */
const ENTRIES = ['shared/cli/bin.ts', 'shared/cli/action.ts', 'shared/local/*-process.ts', 'functions/*.ts'];

/** Bundled CommonJS packages load built-in modules by `require`, which ES modules do not have. */
const REQUIRE = "import { createRequire as createBundleRequire } from 'node:module'; const require = createBundleRequire(import.meta.url);";

/**
 * Bundles the command line with the used parts of all its packages into a self-contained folder. Azurite, which only local mode runs,
 * is not included.
 */
export async function bundle(root: string, outdir: string): Promise<Metafile> {
  const entryPoints = ENTRIES.flatMap((pattern) => globSync(pattern, { cwd: root }));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outbase: '.',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    external: ['azurite', '@azure/functions-core'],
    banner: { js: REQUIRE },
    plugins: [foldersOf(root, new Set(entryPoints))],
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** Chunks are in the bundle's top folder, wherever their source was, so paths relative to a source are changed to start there. */
function foldersOf(root: string, entries: ReadonlySet<string>): Plugin {
  return {
    name: 'folders-of-sources',
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]shared[\\/].*\.ts$/ }, async ({ path }) => {
        const file = relative(root, path);
        const { readFile } = await import('node:fs/promises');
        const contents = await readFile(path, 'utf8');
        if (entries.has(file)) return { contents, loader: 'ts' };
        const folder = JSON.stringify(`/${dirname(file).replaceAll('\\', '/')}`);
        return { contents: contents.replaceAll('import.meta.dirname', `(import.meta.dirname + ${folder})`), loader: 'ts' };
      });
    },
  };
}

/** The packages that a bundle contains, as folders below the root. */
export function packagesIn({ inputs }: Metafile): readonly string[] {
  const folders = Object.keys(inputs).flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}
