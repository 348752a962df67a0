import { createHash } from 'node:crypto';

/** The namespace of all GUIDs made here. Never change it: records in Azure are found by these GUIDs. */
const NAMESPACE = '3c0f6b1e-6d0a-4e43-9d55-6b6174617564';

/** Returns the GUID of a text: the same in every process, subscription and version (UUID version 5, RFC 9562). */
export function uuidOf(text: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(text)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
