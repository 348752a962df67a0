import type { Node } from 'web-tree-sitter';
import { named } from './bicep.ts';

/** The property of an object node, by name. */
export function property(object: Node | undefined, name: string): Node | undefined {
  return properties(object).find(([key]) => key === name)?.[1];
}

/** The properties of an object node: name and value. Nested resources are left out. */
export function properties(object: Node | undefined): readonly (readonly [string, Node])[] {
  if (object?.type !== 'object') return [];
  return named(object).flatMap((child): (readonly [string, Node])[] => {
    const [key, value] = named(child);
    if (child.type !== 'object_property' || key === undefined || value === undefined) return [];
    return [[stringOf(key) ?? key.text, value]];
  });
}

/** The text of a string node that has nothing interpolated; `undefined` otherwise. */
export function stringOf(node: Node | undefined): string | undefined {
  if (node?.type !== 'string') return undefined;
  const parts = named(node);
  return parts.every(({ type }) => type === 'string_content') ? parts.map(({ text }) => text).join('') : undefined;
}

/** The plain strings of an array node; an element that is no plain string is left out. */
export function stringsOf(node: Node | undefined): readonly string[] {
  if (node?.type !== 'array') return [];
  return named(node).flatMap((child) => stringOf(child) ?? []);
}

/** The object of a resource or module, with its condition and its loop taken off. */
export function bodyOf(declaration: Node): Node | undefined {
  let node = named(declaration).at(-1);
  while (node !== undefined && (node.type === 'for_statement' || node.type === 'if_statement' || node.type === 'expression')) {
    node = named(node).at(-1);
  }
  return node?.type === 'object' ? node : undefined;
}
