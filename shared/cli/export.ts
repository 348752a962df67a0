import type { ExportName } from '../exports/formats.ts';
import { type AppOptions, askApi } from './client/connection.ts';
import { destinationsOf } from './frame/destinations.ts';
import { writePieces } from './frame/stream-file.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit export`. */
export interface ExportOptions extends AppOptions {
  readonly output?: string;
  /** Each is `name=value`. */
  readonly filter?: readonly string[];
}

/** Throws for an option that the format does not use: no option is silently ignored. */
export function checkExportOptions(
  format: ExportName | 'bundle',
  { filter, signingKey, previous }: Pick<ExportOptions, 'filter'> & { readonly signingKey?: string; readonly previous?: string },
): void {
  const isOfWhole = format === 'bundle' || format === 'evidence';
  if (isOfWhole && filter !== undefined) throw new UsageError(`--filter cannot be used with ${format}, which covers the whole estate.`);
  if (format === 'bundle') return;
  if (signingKey !== undefined) throw new UsageError('--signing-key needs the format bundle.');
  if (previous !== undefined) throw new UsageError('--previous needs the format bundle.');
}

/** Streams a running app's findings into a document. */
export async function exportFindings(format: ExportName, options: ExportOptions): Promise<number> {
  const [destination] = await destinationsOf(undefined, format, options.output);
  await writePieces(destination?.file, brokenOff(await askApi(options, `exports/${format}`, filters(options.filter ?? []))));
  return 0;
}

/** Turns a body that ends early into an error message. */
export async function* brokenOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (cause) {
    throw new UsageError('The app ended the document early; its log says why. Nothing was written.', { cause });
  }
}

/** Parses the filters of a query, each `name=value`. */
export function filters(texts: readonly string[]): URLSearchParams {
  return new URLSearchParams(
    texts.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--filter must be name=value, such as severity=high,critical, not ${JSON.stringify(text)}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
