/** A node of a syntax tree, as Babel shapes it. */
interface Node {
  readonly type: string;
}
/** A node and the node that it is part of. */
interface Path {
  readonly node: Node;
  readonly parent?: Node | null;
}
/** A kind of fault, in the form of a mutator of Stryker: what a node is replaced by, one fault each. */
interface FaultKind {
  readonly name: string;
  mutate(path: Path): Iterable<Node>;
}

interface AwaitExpression extends Node {
  readonly argument: Node;
}
interface Block extends Node {
  readonly body: readonly Node[];
}
interface Statement extends Node {
  readonly expression: Node;
}
interface Call extends Node {
  readonly callee: Node;
  readonly arguments: readonly Node[];
}
interface Numeral extends Node {
  readonly value: number;
}

const isAwait = (node: Node): node is AwaitExpression => node.type === 'AwaitExpression';
const isBlock = (node: Node): node is Block => node.type === 'BlockStatement';
const isStatement = (node: Node): node is Statement => node.type === 'ExpressionStatement';
const isCall = (node: Node): node is Call => node.type === 'CallExpression';
const isNumeral = (node: Node): node is Numeral => node.type === 'NumericLiteral';

/** Numbers here decide: a limit, a position. Durations and sizes are elsewhere, where one more changes nothing that anybody could notice. */
const DECIDES = ['BinaryExpression', 'MemberExpression', 'CallExpression'];
const LARGEST = 1_000;

/**
 * Faults that people make and that Stryker has no mutator for: an await that is missing, two steps in the wrong order, two arguments
 * exchanged, a number off by one. The compiler rejects most of those that make no sense.
 */
export const MORE_FAULTS: readonly FaultKind[] = [
  {
    name: 'MissingAwait',
    *mutate({ node }) {
      if (isAwait(node)) yield structuredClone(node.argument);
    },
  },
  {
    name: 'StepsInWrongOrder',
    *mutate({ node }) {
      if (!isBlock(node)) return;
      for (const [at, statement] of node.body.entries()) {
        const next = node.body[at + 1];
        if (next === undefined || ![statement, next].every(waits)) continue;
        yield structuredClone({ ...node, body: node.body.with(at, next).with(at + 1, statement) });
      }
    },
  },
  {
    name: 'ExchangedArguments',
    *mutate({ node }) {
      if (!isCall(node)) return;
      const [first, second, ...rest] = node.arguments;
      if (first !== undefined && second !== undefined) yield structuredClone({ ...node, arguments: [second, first, ...rest] });
    },
  },
  {
    name: 'OffByOne',
    *mutate({ node, parent }) {
      if (isNumeral(node) && node.value <= LARGEST && DECIDES.includes(parent?.type ?? '')) {
        yield structuredClone({ ...node, value: node.value + 1, extra: undefined });
      }
    },
  },
];

function waits(statement: Node): boolean {
  return isStatement(statement) && isAwait(statement.expression);
}

/**
 * Adds them to Stryker's mutators, which have no plugin form: the list is internal, and a version of Stryker that moves it fails here.
 * Source: github.com/stryker-mutator/stryker-js, packages/instrumenter/src/mutators/mutate.ts.
 */
export async function addMoreFaults(): Promise<void> {
  const core = import.meta.resolve('@stryker-mutator/instrumenter');
  const module: { readonly allMutators?: FaultKind[] } = await import(new URL('mutators/mutate.js', core).href);
  if (module.allMutators === undefined)
    throw new Error('Stryker no longer has a list of mutators in mutators/mutate.js. Change addMoreFaults.');
  module.allMutators.push(...MORE_FAULTS);
}
