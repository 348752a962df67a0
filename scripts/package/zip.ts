import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

/** One file of an archive. */
export interface Entry {
  /** With `/`, relative. */
  readonly path: string;
  readonly bytes: Buffer;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DEFLATED = 8;
const UTF8_NAMES = 0x0800;
/** 1980-01-01, so that equal files make equal archives. */
const DATE = 0x0021;
const UNIX = 3 << 8;
const REGULAR_FILE = (0o100644 << 16) >>> 0;
const MAX_ENTRIES = 0xfffe;

/** Packs files into a ZIP archive; equal files in any order give equal bytes. */
export function zip(entries: readonly Entry[]): Buffer {
  if (entries.length > MAX_ENTRIES) throw new Error(`${entries.length} files are more than a plain ZIP archive holds`);
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { path, bytes } of sorted) {
    const name = Buffer.from(path, 'utf8');
    const packed = deflateRawSync(bytes, { level: 9 });
    const common = header(bytes, packed.length, name.length);
    const local = Buffer.concat([u32(LOCAL), u16(20), common, u16(0), name, packed]);
    locals.push(local);
    centrals.push(
      Buffer.concat([u32(CENTRAL), u16(UNIX | 20), u16(20), common, u16(0), u16(0), u16(0), u16(0), u32(REGULAR_FILE), u32(offset), name]),
    );
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const count = u16(sorted.length);
  return Buffer.concat([...locals, central, u32(END), u16(0), u16(0), count, count, u32(central.length), u32(offset), u16(0)]);
}

/** Unpacks an archive that `zip` made; throws when a checksum is wrong. */
export function unzip(archive: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  let at = 0;
  while (at < archive.length && archive.readUInt32LE(at) === LOCAL) {
    const checksum = archive.readUInt32LE(at + 14);
    const packedLength = archive.readUInt32LE(at + 18);
    const nameEnd = at + 30 + archive.readUInt16LE(at + 26);
    const path = archive.toString('utf8', at + 30, nameEnd);
    at = nameEnd + packedLength;
    const bytes = inflateRawSync(archive.subarray(nameEnd, at));
    if (crc32(bytes) !== checksum) throw new Error(`The checksum of ${path} is wrong`);
    entries.push({ path, bytes });
  }
  return entries;
}

function header(bytes: Buffer, packedLength: number, nameLength: number): Buffer {
  return Buffer.concat([
    u16(UTF8_NAMES),
    u16(DEFLATED),
    u16(0),
    u16(DATE),
    u32(crc32(bytes)),
    u32(packedLength),
    u32(bytes.length),
    u16(nameLength),
  ]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
