import { createHash } from 'node:crypto';

/** A node of the tree that is mutated, as far as it is looked at. */
interface Looked {
  isFunction(): boolean;
  readonly parentPath: Looked | null;
  readonly node: { readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null };
}

/** Of how many functions one is taken; the others are left out of the run. */
const every = Number(process.env.MUTANTS_EVERY ?? '1');

/** Whether a function is taken, the same one each time. */
export function isTaken(line: number, column: number, of: number): boolean {
  return createHash('sha256').update(`${line}:${column}`).digest().readUInt32BE() % of === 0;
}

function isLooked(path: object): path is Looked {
  return 'isFunction' in path && 'node' in path;
}

/**
 * Leaves out functions that are not taken, each with all that is in it: what is inside of a taken one stays whole.
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
