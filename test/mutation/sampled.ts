import { createHash } from 'node:crypto';

/** The fields of a syntax tree node that are used here. */
interface Looked {
  isFunction(): boolean;
  readonly parentPath: Looked | null;
  readonly node: { readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null };
}

/** One in so many functions is mutated; the others are excluded from the run. */
const every = Number(process.env.MUTANTS_EVERY ?? '1');

/** Whether a function is mutated, the same in every run. */
export function isTaken(line: number, column: number, of: number): boolean {
  return createHash('sha256').update(`${line}:${column}`).digest().readUInt32BE() % of === 0;
}

function isLooked(path: object): path is Looked {
  return 'isFunction' in path && 'node' in path;
}

/**
 * Excludes functions that are not selected, each with all its content: the content of a selected one stays complete.
 * The form is that of a plugin of Stryker. Source: stryker-mutator.io/docs/stryker-js/disable-mutants, ignore-plugin.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'sampled',
    value: {
      shouldIgnore(path: object): string | undefined {
        if (every === 1 || !isLooked(path) || !path.isFunction()) return undefined;
        for (let outer = path.parentPath; outer !== null; outer = outer.parentPath) if (outer.isFunction()) return undefined;
        const { line = 0, column = 0 } = path.node.loc?.start ?? {};
        return isTaken(line, column, every) ? undefined : 'It is not in the sample.';
      },
    },
  },
];
