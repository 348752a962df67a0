import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningEstate } from '../../local/estate/server.ts';

/** Creates a folder that only its owner may read, with those above it, unless it exists. */
export async function makeOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Writes the estate's certificate and a kubeconfig for each cluster, readable only by their owner; returns the file of the certificate. */
export async function writeEstateFiles(
  folder: string,
  { caPem, kubeconfigFor }: Pick<RunningEstate, 'caPem' | 'kubeconfigFor'>,
  clusters: readonly string[],
): Promise<string> {
  const caFile = join(folder, 'ca.pem');
  const files = new Map([[caFile, caPem], ...clusters.map((name) => [join(folder, `${name}.kubeconfig`), kubeconfigFor(name)] as const)]);
  for (const [file, text] of files) await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  return caFile;
}

/** The addresses in the connection string of a storage on this machine. */
export function storageEndpoints(connectionString: string): string {
  return [...connectionString.matchAll(/Endpoint=(http:\/\/[^/;]+)/g)].map(([, endpoint = '']) => endpoint).join(' ');
}
