import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver, destinationsOf, formatOption } from '../../../shared/cli/frame/destinations.ts';
import { someSurroundings } from '../../support/surroundings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-destinations-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const FORMATS = ['table', 'json', 'sarif'] as const;
/** Formats as typed after `-o`, one after another. */
function typed(...texts: readonly string[]) {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(formatOption(FORMATS));
  return command
    .parse(
      texts.flatMap((text) => ['-o', text]),
      { from: 'user' },
    )
    .opts().format;
}

describe('-o, --format', () => {
  it('accepts formats in any case, with and without a file', () => {
    expect(typed('JSON', 'Sarif=a=b.sarif')).toEqual([{ format: 'json' }, { format: 'sarif', file: 'a=b.sarif' }]);
  });

  it.each([
    ['xml', 'It must be one of table, json, sarif.'],
    ['', 'It must be one of table, json, sarif.'],
    ['json=', 'A file name must follow "=".'],
  ])('refuses %j', (text, problem) => {
    expect(() => typed(text)).toThrow(problem);
  });
});

describe('the destinations of documents', () => {
  it.each([
    ['nothing said', [], undefined, [{ format: 'table' }]],
    ['an output', [], 'F', [{ format: 'table', file: 'F' }]],
    ['an output that is standard output', ['json'], '-', [{ format: 'json' }]],
    ['a file and standard output', ['table', 'json=F'], undefined, [{ format: 'table' }, { format: 'json', file: 'F' }]],
    [
      'a file and --output',
      ['json=F', 'sarif'],
      'G',
      [
        { format: 'json', file: 'F' },
        { format: 'sarif', file: 'G' },
      ],
    ],
  ])('with %s', async (_, formats, output, expected) => {
    const there = (file: string) => (file === '-' ? file : file.replace(/[FG]$/, (name) => join(folder, name)));
    const wanted = formats.length === 0 ? undefined : typed(...formats.map(there));
    const found = await destinationsOf(wanted, 'table', output === undefined ? undefined : there(output));
    expect(found).toEqual(expected.map((one) => ('file' in one ? { ...one, file: there(one.file) } : one)));
  });

  it.each([
    [
      'two documents on standard output',
      ['table', 'json'],
      undefined,
      /Only one document can go to standard output or --output\. .* -o json=FILE/,
    ],
    ['two documents in one file', ['table=./x', 'json=x'], undefined, /Two documents cannot have the same destination: x/],
    ['an unused --output', ['json=x'], 'y', /--output is not used/],
    ['a folder that does not exist', ['json=/no/such/folder/x'], undefined, /Cannot write \/no\/such\/folder\/x: /],
    ['a folder instead of a file', ['json=/tmp'], undefined, /Cannot write \/tmp: it is a folder\./],
  ])('refuses %s before any work is done', async (_, formats, output, problem) => {
    await expect(destinationsOf(typed(...formats), 'table', output)).rejects.toThrow(problem);
  });

  it('leaves nothing behind when it checks whether it can write', async () => {
    await destinationsOf(undefined, 'table', join(folder, 'looked-at'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('each receive their document, formatted for a file or for the terminal', async () => {
    const here = someSurroundings({ page: { columns: 80, paint: (_, text) => text } });
    const file = join(folder, 'f');
    await deliver(here.terminal, [{ format: 'table' }, { format: 'json', file }], (format, page) => `${format} ${page.columns}`);
    expect([here.out(), await readFile(file, 'utf8')]).toEqual(['table 80', 'json undefined\n']);
  });
});
