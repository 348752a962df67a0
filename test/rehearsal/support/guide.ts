import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** az commands that the rehearsal does not run, each with the reason. */
const LEFT_OUT: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^az login/, 'it opens a browser'],
  [/^az cloud set/, 'it would leave the stand-in'],
  [/^az aks command invoke/, 'the guide says why it is not used'],
  [/^az functionapp list-flexconsumption-runtimes/, 'its answer is a list that only Azure knows'],
  [/^az account get-access-token/, 'the token endpoint of the stand-in knows no application'],
  [/^az storage blob upload/, 'it asks the storage account itself'],
  [/^az role assignment delete/, 'its id is one that the line before printed'],
];

/** The complete lines of docs/operate.md that begin with `az`, in fences and in running text. */
export function guideLines(root: string): readonly string[] {
  const guide = readFileSync(join(root, 'docs/operate.md'), 'utf8');
  const fenced = [...guide.matchAll(/^az .+$/gm)].map(([line]) => line);
  const inline = [...guide.matchAll(/`(az [a-z][^`]+)`/g)].map(([, line = '']) => line).filter((line) => line.includes('--'));
  return [...new Set([...fenced, ...inline])].map((line) => line.replace(/ && azd .*$/, '').replace(/\s+#.*$/, ''));
}

/** The lines that can be run here. */
export function runnableLines(root: string): readonly string[] {
  return guideLines(root).filter((line) => !LEFT_OUT.some(([pattern]) => pattern.test(line)));
}

/** The words of a line that a shell would pass to az, with the placeholders replaced. */
export function wordsOf(line: string, values: Readonly<Record<string, string>>): readonly string[] {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return words.slice(1).map((word) => word.replaceAll(/\b[A-Z][A-Z]{2,}\b/g, (name) => values[name] ?? name));
}
