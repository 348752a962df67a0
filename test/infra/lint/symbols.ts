import type { Node } from 'web-tree-sitter';
import { type BicepFile, named, type Problem, problem, walk } from './bicep.ts';
import { type Declaration, declarationsOf } from './declarations.ts';

/** Functions of Bicep's own that the tree may call: learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `array bool cidrSubnet concat contains deployer deployment empty endsWith environment filter first flatten format guid indexOf int
  intersection items join last length loadJsonContent loadTextContent managementGroup map max min range reduce replace resourceGroup
  resourceId sort split startsWith string subscription subscriptionResourceId substring take tenant tenantResourceId toLower toUpper
  trim union uniqueString uri`.split(/\s+/),
);

/** Decorators are functions too: a symbol of the same name hides them (BCP265). */
const DECORATORS: ReadonlySet<string> = new Set(
  'allowed batchSize description discriminator export maxLength maxValue metadata minLength minValue sealed secure'.split(' '),
);

const DECLARING: ReadonlySet<string> = new Set([
  'parameter_declaration',
  'variable_declaration',
  'resource_declaration',
  'module_declaration',
  'output_declaration',
  'metadata_declaration',
]);

/** Names that are used and not declared, declared twice, or declared and not used. */
export function symbolProblems(file: BicepFile): readonly Problem[] {
  const declarations = declarationsOf(file).filter(({ kind }) => kind !== 'output');
  const uses = usesOf(file);
  const known = new Set(declarations.map(({ name }) => name));
  const used = new Set(uses.map(({ text }) => text));
  return [
    ...uses
      .filter((use) => !isCall(file, use) && !known.has(use.text) && !isLocal(use))
      .map((use) => problem(file, use, `${use.text} is not declared`)),
    ...uses
      .filter((use) => isCall(file, use) && !FUNCTIONS.has(use.text))
      .map((use) => problem(file, use, `${use.text} is not a function that the lint knows`)),
    ...declarations
      .filter(({ name }, at) => declarations.findIndex((other) => other.name === name) !== at)
      .map(({ node, name }) => problem(file, node, `${name} is declared twice`)),
    ...declarations
      .filter(({ name }) => FUNCTIONS.has(name) || DECORATORS.has(name))
      .map(({ node, name }) => problem(file, node, `${name} hides the function of the same name`)),
    ...declarations
      .filter((declaration) => mustBeUsed(declaration) && !used.has(declaration.name))
      .map(({ node, kind, name }) => problem(file, node, `the ${kind} ${name} is not used`)),
  ];
}

/** A resource or module is deployed, used or not; only one that exists already has no meaning unused. */
function mustBeUsed({ kind, node }: Declaration): boolean {
  return kind === 'param' || kind === 'var' || (kind === 'resource' && node.children.some(({ type }) => type === 'existing'));
}

/** Every identifier that stands for something declared elsewhere. */
function usesOf(file: BicepFile): readonly Node[] {
  return [...walk(file.root)].filter((node) => node.type === 'identifier' && isUse(node));
}

function isUse(node: Node): boolean {
  const parent = node.parent;
  if (parent === null) return false;
  const isFirst = named(parent)[0]?.id === node.id;
  if (isFirst && (DECLARING.has(parent.type) || parent.type === 'object_property' || parent.type === 'lambda_expression')) return false;
  if (parent.type === 'for_statement' && isFirst) return false;
  if (parent.type === 'type' || parent.type === 'parameterized_type') return false;
  return !(parent.type === 'call_expression' && parent.parent?.type === 'decorator');
}

/** Told by the text: as an array's element, the grammar reads `name()` as `name` and `()`. */
function isCall(file: BicepFile, node: Node): boolean {
  return file.source[node.endIndex] === '(';
}

/**
 * Whether a name is a loop's or a lambda's own. The grammar binds `=>` tighter than what follows it
 * (`id => id.name` is read as `(id => id).name`), so a lambda's names hold for the whole call around it.
 */
function isLocal(use: Node): boolean {
  for (let around = use.parent; around !== null; around = around.parent) {
    if (around.type === 'for_statement' && loopNames(around).includes(use.text)) return true;
    if (around.type === 'arguments' && lambdaNames(around).includes(use.text)) return true;
  }
  return false;
}

function loopNames(loop: Node): readonly string[] {
  const [first] = named(loop);
  if (first?.type === 'for_loop_parameters') return named(first).map(({ text }) => text);
  return first?.type === 'identifier' ? [first.text] : [];
}

function lambdaNames(call: Node): readonly string[] {
  return [...walk(call)].filter(({ type }) => type === 'lambda_expression').flatMap((lambda) => named(lambda)[0]?.text ?? []);
}
