import { posix } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { type BicepFile, type Problem, problem, walk } from './bicep.ts';
import { type Declaration, declarationsOf, targetScopeOf } from './declarations.ts';
import { properties, property } from './values.ts';

/** What is wrong between a file and the modules that it deploys. */
export function moduleProblems(file: BicepFile, tree: ReadonlyMap<string, BicepFile>): readonly Problem[] {
  const modules = declarationsOf(file).filter(({ kind }) => kind === 'module');
  return [
    ...modules.flatMap((module) => callProblems(file, module, targetOf(file, module, tree))),
    ...outputProblems(file, new Map(modules.map((module) => [module.name, targetOf(file, module, tree)]))),
  ];
}

function targetOf(file: BicepFile, module: Declaration, tree: ReadonlyMap<string, BicepFile>): BicepFile | undefined {
  return tree.get(posix.join(posix.dirname(file.path), module.reference ?? ''));
}

function callProblems(file: BicepFile, module: Declaration, target: BicepFile | undefined): readonly Problem[] {
  const { node, name, body, reference } = module;
  if (target === undefined) return [problem(file, node, `the module ${name} is ${reference}, which does not exist`)];
  const given = properties(property(body, 'params')).map(([key]) => key);
  const wanted = declarationsOf(target).filter(({ kind }) => kind === 'param');
  const optional = wanted.filter(({ value }) => value !== undefined).map((param) => param.name);
  const names = wanted.map((param) => param.name);
  return [
    ...given
      .filter((key) => !names.includes(key))
      .map((key) => problem(file, node, `the module ${name} is given ${key}, which ${target.path} does not take`)),
    ...names
      .filter((key) => !given.includes(key) && !optional.includes(key))
      .map((key) => problem(file, node, `the module ${name} is not given ${key}, which ${target.path} needs`)),
    ...scopeProblems(file, module, target),
  ];
}

function scopeProblems(file: BicepFile, { node, name, body }: Declaration, target: BicepFile): readonly Problem[] {
  const scoped = property(body, 'scope') !== undefined;
  if (targetScopeOf(file) === targetScopeOf(target) || scoped) return [];
  return [problem(file, node, `the module ${name} deploys to a ${targetScopeOf(target)} and says no scope`)];
}

/** `name.outputs.x` where the module called `name` has no output `x`. */
function outputProblems(file: BicepFile, targets: ReadonlyMap<string, BicepFile | undefined>): readonly Problem[] {
  return [...walk(file.root)].flatMap((node) => {
    const { module, output } = outputRead(node);
    const target = module === undefined ? undefined : targets.get(module);
    if (target === undefined || output === undefined) return [];
    const has = declarationsOf(target).some(({ kind, name }) => kind === 'output' && name === output);
    return has ? [] : [problem(file, node, `${target.path} has no output ${output}`)];
  });
}

function outputRead(node: Node): { readonly module?: string | undefined; readonly output?: string | undefined } {
  if (node.type !== 'member_expression') return {};
  const outputs = node.childForFieldName('object');
  if (outputs?.type !== 'member_expression' || outputs.childForFieldName('property')?.text !== 'outputs') return {};
  return { module: outputs.childForFieldName('object')?.text, output: node.childForFieldName('property')?.text };
}
