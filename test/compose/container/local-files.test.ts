import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeOwnFolder, storageEndpoints, writeEstateFiles } from '../../../shared/compose/container/local-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('a folder for the state of local mode is made with those above it, for its owner alone, unless it is there', async () => {
  const own = join(folder, 'above', 'own');
  for (let again = 0; again < 2; again++) {
    await makeOwnFolder(own);
    expect(statSync(own).mode & 0o777).toBe(0o700);
  }
});

it('the certificate and the kubeconfigs of the estate are for their owner alone, and replace nothing', async () => {
  const estate = { caPem: 'certificate', kubeconfigFor: (name: string) => `config of ${name}` };
  expect(await writeEstateFiles(folder, estate, ['one', 'two'])).toBe(join(folder, 'ca.pem'));
  const texts = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  expect(texts).toEqual({ 'ca.pem': 'certificate', 'one.kubeconfig': 'config of one', 'two.kubeconfig': 'config of two' });
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  await expect(writeEstateFiles(folder, estate, [])).rejects.toMatchObject({ code: 'EEXIST' });
});

it('the addresses of a storage are those of its connection string', () => {
  const text = 'AccountName=a;BlobEndpoint=http://127.0.0.1:10000/a;QueueEndpoint=http://127.0.0.1:10001;TableEndpoint=http://[::1]:2/a;';
  expect(storageEndpoints(text)).toBe('http://127.0.0.1:10000 http://127.0.0.1:10001 http://[::1]:2');
});
