import { type ExemptionStore, type HeldExemption, MAX_EXEMPTIONS } from '../ports/exemption-store.ts';
import { decodeRow, encodeRow, type HeldRow } from './row.ts';
import { ExemptionShape } from './shapes.ts';
import { firstRows, inPartition, type Table } from './table.ts';

const EXEMPTION = 'exemption';

/** Stores the API's exemptions in Table Storage; the version of an exemption is the ETag of its row. */
export function exemptionStore(table: Table): ExemptionStore {
  const held = (row: HeldRow): HeldExemption => ({ ...decodeRow(table.name, row, ExemptionShape), version: row.etag });
  const get = async (id: string) => {
    const row = await table.get(EXEMPTION, id);
    return row === undefined ? undefined : held(row);
  };
  return {
    list: async () => (await firstRows(table, inPartition(EXEMPTION), MAX_EXEMPTIONS)).map(held),
    get,
    put: async (write, basedOn) => {
      const row = encodeRow(EXEMPTION, write.exemption.id, write);
      const written = basedOn === undefined ? await table.create(row) : (await table.update(row, basedOn)) !== undefined;
      return (written ? await get(write.exemption.id) : undefined) ?? 'conflict';
    },
    delete: async (id, basedOn) => ((await table.delete(EXEMPTION, id, basedOn)) ? 'deleted' : 'conflict'),
  };
}
