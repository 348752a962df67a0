import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportBundle, verifyBundles } from '../../shared/cli/bundle.ts';
import { checkExportOptions, exportFindings } from '../../shared/cli/export.ts';
import { makeKeyFile, openSigner } from '../../shared/compose/container/signer.ts';
import { EXPORT_FORMATS } from '../../shared/exports/formats.ts';
import { memoryBundles } from '../../shared/memory/bundles.ts';
import { aFinding, anEstate } from '../http/estate.ts';
import { type ServedApi, serveApi } from '../support/serve-api.ts';

const findings = [aFinding(), aFinding({ subject: { kind: 'node', name: 'n1' }, severity: 'low' })];
let folder: string;
let api: ServedApi;
let url: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-export-'));
  api = await serveApi(anEstate({ findings }));
  url = api.url;
  await makeKeyFile(at('key.pem'));
  await makeKeyFile(at('other.pem'));
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
  expect(api.bugs).toEqual([]);
});

describe('kataudit export', () => {
  it.each([
    ['a filter of a bundle', 'bundle', { filter: ['severity=low'] }, /--filter cannot be used with bundle/],
    ['a filter of evidence', 'evidence', { filter: ['severity=low'] }, /--filter cannot be used with evidence/],
    ['a signing key for an unsigned format', 'csv', { signingKey: 'k' }, /--signing-key needs the format bundle/],
    ['a previous bundle for another format', 'csv', { previous: 'b' }, /--previous needs the format bundle/],
  ] as const)('refuses %s instead of passing it over', (_, format, options, message) => {
    expect(() => checkExportOptions(format, options)).toThrow(message);
  });

  it.each(EXPORT_FORMATS)('writes $name exactly as the API returns it', async ({ name }) => {
    const output = at(name);
    expect(await exportFindings(name, { url, output, filter: [] })).toBe(0);
    expect(await readFile(output, 'utf8')).toBe(await (await fetch(`${url}/exports/${name}`)).text());
  });

  it('filters', async () => {
    await exportFindings('json', { url: url.replace('/api', ''), output: at('low'), filter: ['severity=low', 'status=open'] });
    expect(
      (await readFile(at('low'), 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([findings[1]]);
  });

  it.each([
    ['a filter without a value', ['severity'], /name=value/],
    ['a filter that the app refuses', ['severity=bad', 'nope=1'], /refused: .*nope: is unknown.*severity: /],
  ])('reports what is wrong with %s', async (_, filter, message) => {
    await expect(exportFindings('csv', { url, output: at('none'), filter })).rejects.toThrow(message);
    expect(await readdir(folder)).not.toContain('none');
  });

  it('reports that no app answers', async () => {
    await expect(exportFindings('csv', { url: 'http://127.0.0.1:9', filter: [], output: at('none') })).rejects.toThrow('No app answers');
    await expect(exportFindings('csv', { url: 'nonsense', filter: [], output: at('none') })).rejects.toThrow('--url must be the address');
  });

  it('sends its key, and never to another machine without TLS', async () => {
    const keys: unknown[] = [];
    const server = createServer((request, response) => {
      keys.push(request.headers['x-functions-key']);
      response.writeHead(401).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    await writeFile(at('access.key'), 'from the file\n');
    const asked = { url: `http://127.0.0.1:${address.port}`, filter: [], output: at('none') };
    await expect(exportFindings('csv', asked)).rejects.toThrow('requires a key');
    await expect(exportFindings('csv', { ...asked, keyFile: at('access.key') })).rejects.toThrow('requires a key');
    expect(keys).toEqual([undefined, 'from the file']);
    await new Promise((done) => server.close(done));
    await expect(exportFindings('csv', { ...asked, url: 'http://app.example', key: 'k' })).rejects.toThrow('sent only over https');
  });

  it('leaves no file when a document is truncated', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('"id"\r\n', () => response.destroy());
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    const broken = `http://127.0.0.1:${address.port}`;
    await expect(exportFindings('csv', { url: broken, filter: [], output: at('half') })).rejects.toThrow('ended the document early');
    expect((await readdir(folder)).filter((name) => name.startsWith('half'))).toEqual([]);
    await new Promise((done) => server.close(done));
  });

  it('reports that a file cannot be written', async () => {
    await expect(exportFindings('csv', { url, filter: [], output: at('no/such/folder') })).rejects.toThrow('Cannot write');
  });
});

describe('kataudit export bundle and kataudit verify', () => {
  const bundle = async (name: string, key = 'key.pem', previous?: string) => {
    const said: string[] = [];
    const options = { url, output: at(name), signingKey: at(key), ...(previous === undefined ? {} : { previous: at(previous) }) };
    const code = await exportBundle(options, (line) => said.push(line));
    return { code, said: said.join('\n') };
  };
  const verify = async (names: readonly string[], publicKey?: string) => {
    const said: string[] = [];
    const code = await verifyBundles(names.map(at), publicKey === undefined ? {} : { publicKey: [at(publicKey)] }, (line) =>
      said.push(line),
    );
    return { code, said: said.join('\n') };
  };

  it('create a valid chain', async () => {
    expect(await bundle('b1')).toMatchObject({ code: 0, said: expect.stringContaining('bundle 1') });
    expect(await bundle('b2', 'key.pem', 'b1')).toMatchObject({ code: 0, said: expect.stringContaining('bundle 2') });
    expect(await verify(['b1', 'b2'], 'key.pem.pub')).toMatchObject({ code: 0, said: expect.stringContaining('follows') });
    expect((await verify(['b1'])).said).toContain('Compare the key');
    expect(await verify(['b2', 'b1'])).toMatchObject({ code: 1, said: expect.stringContaining('does not follow') });
    expect(await verify(['b1'], 'other.pem.pub')).toMatchObject({ code: 1, said: expect.stringContaining('another key') });
  });

  it('name the first change, and refuse a changed bundle as the previous one', async () => {
    await bundle('b3');
    const text = await readFile(at('b3'), 'utf8');
    await writeFile(at('forged'), text.replace('"severity":"low"', '"severity":"info"'));
    const { code, said } = await verify(['forged'], 'key.pem.pub');
    expect(code).toBe(1);
    expect(said).toMatch(/forged: CHANGED\. In the entry findings\/\w+\/1, item \d, \w+-\w+, was changed\./);
    await expect(bundle('b4', 'key.pem', 'forged')).rejects.toThrow('is not valid');
    expect(await readdir(folder)).not.toContain('b4');
  });

  it('report that a file is not a bundle, which is different from a changed bundle', async () => {
    await writeFile(at('notes.txt'), 'hello');
    await expect(verify(['notes.txt'], 'key.pem.pub')).rejects.toThrow(
      /notes\.txt is not a bundle\. Its first line is not that of a bundle\./,
    );
  });

  it("download the newest bundle of the app's chain without choosing its position", async () => {
    const signing = await serveApi(anEstate({ findings }, { signer: await openSigner(at('key.pem')), bundles: memoryBundles() }));
    const seal = () => fetch(`${signing.url}/exports/bundle`, { method: 'POST' });
    try {
      await expect(exportBundle({ url: signing.url, output: at('s0') })).rejects.toThrow('There is no such bundle');
      expect((await seal()).status).toBe(201);
      expect(await exportBundle({ url: signing.url, output: at('s1') }, () => undefined)).toBe(0);
      expect((await seal()).status).toBe(201);
      expect(await exportBundle({ url: signing.url, output: at('s2') }, () => undefined)).toBe(0);
      expect(await verify(['s1', 's2'], 'key.pem.pub')).toMatchObject({ code: 0, said: expect.stringContaining('bundle 2') });
      await expect(exportBundle({ url: signing.url, previous: at('b1'), output: at('s3') })).rejects.toThrow('--signing-key');
      expect(signing.bugs).toEqual([]);
    } finally {
      await signing.stop();
    }
  });

  it('report missing options', async () => {
    await expect(exportBundle({ url, output: at('x') })).rejects.toThrow('There is no such bundle');
    await expect(exportBundle({ url, signingKey: at('key.pem') })).rejects.toThrow('--output');
    await expect(verifyBundles([at('nowhere')], {})).rejects.toThrow('Cannot read');
    await expect(verifyBundles([at('b1')], { publicKey: [at('key.pem')] })).rejects.toThrow('not a public key');
  });
});
