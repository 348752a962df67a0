import { readdirSync } from 'node:fs';

/** The index of the demonstrations in a folder, as TypeScript: every file is listed by its name, which is the rule's id. */
export function demonstrationsIndex(folder: string): string {
  const ids = readdirSync(folder)
    .filter((file) => file !== 'index.ts')
    .map((file) => file.replace(/\.ts$/, ''))
    .toSorted();
  return [
    "import type { Demonstration } from '../demonstration.ts';",
    ...ids.map((id) => `import { ${camelCase(id)} } from './${id}.ts';`),
    '',
    '/** How each rule is shown, by its id. Written by `npm run documents` from the files of this folder. */',
    'export const DEMONSTRATIONS: Readonly<Record<string, Demonstration>> = {',
    ...ids.map((id) => `  '${id}': ${camelCase(id)},`),
    '};',
    '',
  ].join('\n');
}

function camelCase(id: string): string {
  return id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
