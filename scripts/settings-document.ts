import { load, SETTINGS } from '../shared/config/settings.ts';

const HEAD = `# Settings

Generated from \`shared/config/settings.ts\` by \`npm run documents\`; a test compares the two.

Every setting is an environment variable: an app setting in Azure, a value of \`local.settings.json\` with
Functions Core Tools. They are read once, on first use; one error lists every mistake, and a
\`KATAUDIT_\` name that is not in this table is an error, so that a typing mistake is never ignored.
`;

/** The document \`docs/settings.md\`, generated from the schema of the settings. */
export function settingsDocument(): string {
  const defaults = new Map(Object.entries(load({})));
  const rows = SETTINGS.map(({ name, description }) => `| \`${name}\` | ${code(defaults.get(name))} | ${cell(description)} |`);
  return [HEAD, '| setting | default | what it is |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function code(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${cell(String(value))}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
