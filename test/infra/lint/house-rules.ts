import { posix } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { type BicepFile, named, type Problem, problem, walk } from './bicep.ts';
import { declarationsOf } from './declarations.ts';
import { API_VERSIONS, KNOWN_IDS } from './known.ts';
import { stringOf } from './values.ts';

const SECRET = /secret|password|connectionstring|sastoken|accesskey|credential/i;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Functions that give a key out, whoever may read the deployment then has it. */
const KEY_GIVERS = /^(?:list[A-Z]\w*|getSecret)$/;

/** What a file does against the house rules; `texts` are all of the tree's, by path. */
export function houseProblems(file: BicepFile, texts: ReadonlyMap<string, string>): readonly Problem[] {
  const declarations = declarationsOf(file);
  return [
    ...declarations
      .filter(({ kind, decorators }) => kind === 'param' && !decorators.includes('description'))
      .map(({ node, name }) => problem(file, node, `the param ${name} has no @description`)),
    ...declarations
      .filter(({ kind, name, decorators }) => kind === 'param' && SECRET.test(name) && !decorators.includes('secure'))
      .map(({ node, name }) => problem(file, node, `the param ${name} sounds like a secret and is not @secure`)),
    ...declarations
      .filter(({ kind, name }) => kind === 'output' && SECRET.test(name))
      .map(({ node, name }) => problem(file, node, `the output ${name} sounds like a secret`)),
    ...declarations
      .filter(({ kind, reference }) => kind === 'resource' && reference?.includes('@') === true && !API_VERSIONS.has(reference))
      .map(({ node, reference }) => problem(file, node, `${reference} is not in the list of API versions`)),
    ...[...walk(file.root)].flatMap((node) => nodeProblems(file, node, (path) => texts.has(path))),
    ...extensionProblems(file, texts.get('bicepconfig.json') ?? '{}'),
  ];
}

function nodeProblems(file: BicepFile, node: Node, exists: (path: string) => boolean): readonly Problem[] {
  const text = stringOf(node);
  if (text !== undefined && GUID.test(text) && !KNOWN_IDS.has(text))
    return [problem(file, node, `${text} is not in the list of known ids`)];
  if (node.type === 'object_property' && named(node)[0]?.text === 'cors')
    return [problem(file, node, 'cors lets pages of other origins read the API')];
  if (node.type !== 'call_expression') return [];
  const [name, call] = named(node);
  if (name !== undefined && KEY_GIVERS.test(name.text)) return [problem(file, node, `${name.text} gives a key out`)];
  if (name === undefined || call === undefined || !name.text.startsWith('load')) return [];
  const path = posix.join(posix.dirname(file.path), stringOf(named(call)[0]) ?? '');
  return exists(path) ? [] : [problem(file, node, `${name.text} reads ${path}, which does not exist`)];
}

/** An extension that nothing configures cannot be restored, and Graph's resources need one. */
function extensionProblems(file: BicepFile, configuration: string): readonly Problem[] {
  const { extensions = {} }: { readonly extensions?: Readonly<Record<string, string>> } = JSON.parse(configuration);
  const graph = declarationsOf(file).filter(({ reference }) => reference?.startsWith('Microsoft.Graph/'));
  return [
    ...file.extensions
      .filter((name) => !Object.hasOwn(extensions, name))
      .map((name) => problem(file, file.root, `the extension ${name} is not in bicepconfig.json`)),
    ...(file.extensions.length === 0 ? graph : []).map(({ node, name }) =>
      problem(file, node, `the resource ${name} needs the extension of Microsoft Graph`),
    ),
  ];
}
