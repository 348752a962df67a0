import type { Node } from 'web-tree-sitter';
import { type BicepFile, isComment, named, walk } from './bicep.ts';
import { bodyOf, stringOf } from './values.ts';

/** What a declaration declares. */
export type Kind = 'param' | 'var' | 'resource' | 'module' | 'output';

/** A name that a Bicep file declares. */
export interface Declaration {
  readonly kind: Kind;
  readonly name: string;
  readonly node: Node;
  /** Names of the decorators above it. */
  readonly decorators: readonly string[];
  /** A parameter's default, a variable's or an output's value. */
  readonly value: Node | undefined;
  /** A resource's type with its API version, or a module's path. */
  readonly reference: string | undefined;
  readonly body: Node | undefined;
}

const KINDS: Readonly<Record<string, Kind>> = {
  parameter_declaration: 'param',
  variable_declaration: 'var',
  resource_declaration: 'resource',
  module_declaration: 'module',
  output_declaration: 'output',
};

/** Every declaration of a file, nested resources included. */
export function declarationsOf(file: BicepFile): readonly Declaration[] {
  return [...walk(file.root)].flatMap((node) => {
    const kind = KINDS[node.type];
    return kind === undefined ? [] : [declaration(kind, node)];
  });
}

function declaration(kind: Kind, node: Node): Declaration {
  const children = named(node);
  const isReferring = kind === 'resource' || kind === 'module';
  const afterType = kind === 'param' || kind === 'output' ? children[2] : children[1];
  return {
    kind,
    name: children[0]?.text ?? '',
    node,
    decorators: decoratorsOf(node),
    value: isReferring ? undefined : afterType,
    reference: isReferring ? stringOf(children[1]) : undefined,
    body: isReferring ? bodyOf(node) : undefined,
  };
}

function decoratorsOf(node: Node): readonly string[] {
  let before = node.previousNamedSibling;
  while (before !== null && isComment(before.type)) before = before.previousNamedSibling;
  if (before?.type !== 'decorators') return [];
  return named(before).map((decorator) => /^@(?:sys\.)?([A-Za-z]+)/.exec(decorator.text)?.[1] ?? '');
}

/** The scope that a file deploys to. */
export function targetScopeOf(file: BicepFile): string {
  const assignment = named(file.root).find(({ type }) => type === 'target_scope_assignment');
  return stringOf(assignment === undefined ? undefined : named(assignment)[0]) ?? 'resourceGroup';
}
