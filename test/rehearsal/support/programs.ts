import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Azure CLI: `AZ`, or `az` on the `PATH`; `undefined` without one. */
export function findAz(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment.AZ !== undefined && environment.AZ !== '') return environment.AZ;
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'az')).find((file) => existsSync(file));
}
