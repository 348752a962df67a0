import type { ExportName } from '../exports/formats.ts';
import { type AppOptions, askApi } from './client/connection.ts';
import { destinationsOf } from './frame/destinations.ts';
import { writePieces } from './frame/stream-file.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit export` as typed. */
export interface ExportOptions extends AppOptions {
  readonly output?: string;
  /** `name=value` each. */
  readonly filter?: readonly string[];
}

/** Throws for an option that the format has no use for: what is typed is never passed over. */
export function checkExportOptions(
  format: ExportName | 'bundle',
  { filter, signingKey, previous }: Pick<ExportOptions, 'filter'> & { readonly signingKey?: string; readonly previous?: string },
): void {
  const isOfWhole = format === 'bundle' || format === 'evidence';
  if (isOfWhole && filter !== undefined) throw new UsageError(`--filter does not go with ${format}: it is of the whole estate.`);
  if (format === 'bundle') return;
  if (signingKey !== undefined) throw new UsageError('--signing-key goes with the format bundle.');
  if (previous !== undefined) throw new UsageError('--previous goes with the format bundle.');
}

/** Writes a running app's findings as a document, as they come. */
export async function exportFindings(format: ExportName, options: ExportOptions): Promise<number> {
  const [destination] = await destinationsOf(undefined, format, options.output);
  await writePieces(destination?.file, brokenOff(await askApi(options, `exports/${format}`, filters(options.filter ?? []))));
  return 0;
}

/** A body that ends before its time says so in words. */
export async function* brokenOff(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (cause) {
    throw new UsageError('The app broke the document off; its log says why. Nothing was written.', { cause });
  }
}

/** The filters of a query, typed as `name=value` each. */
export function filters(texts: readonly string[]): URLSearchParams {
  return new URLSearchParams(
    texts.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--filter is name=value, such as severity=high,critical, not ${JSON.stringify(text)}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
