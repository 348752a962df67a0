import type { ClusterIdParts } from '../../domain/snapshot/resource-id.ts';
import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { counted } from '../../domain/text/counted.ts';
import { RecordedLookView } from '../../http/schemas/snapshot-schemas.ts';
import type { Surroundings } from '../frame/surroundings.ts';
import { plain, table } from '../frame/table.ts';
import { type AppOptions, readAnswer, sendApi } from './connection.ts';

/**
 * Sends a snapshot to a running app, which judges it and stores it as a scan of one of its clusters. Returns 2 if a part could
 * not be collected or judged.
 */
export async function pushSnapshot(
  { terminal }: Pick<Surroundings, 'terminal'>,
  { subscriptionId, resourceGroup, name }: ClusterIdParts,
  snapshot: ClusterSnapshot,
  options: AppOptions,
): Promise<number> {
  const path = ['clusters', subscriptionId, resourceGroup, name, 'snapshot'].map(encodeURIComponent).join('/');
  const answer = await sendApi(options, 'PUT', path, { body: snapshot, gzip: true });
  const { assessment, changed, gaps } = await readAnswer(options, answer, RecordedLookView);
  terminal.print(`The app stored the scan of ${plain(name)}: ${assessment}, ${counted(changed, 'finding')} changed.`);
  if (gaps.length > 0) {
    const rows = gaps.map(({ evidence, reason }) => [evidence, reason.message]);
    terminal.print(`\n${table(['NOT COLLECTED', 'WHY'], rows, terminal.page)}`);
  }
  return assessment === 'assessed' ? 0 : 2;
}
