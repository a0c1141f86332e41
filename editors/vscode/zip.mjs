// Writes a zip file: deflated entries, no times, so that the same files give the same bytes.
import * as zlib from 'node:zlib';

/** 1980-01-01, the first day that a zip can name. */
const date = 0x21;
const encoded = 0x0800; // names in UTF-8

const table = Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
/** Node has it since 20.15. */
const checksum =
  zlib.crc32 ??
  ((bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = table[(value ^ byte) & 0xff] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  });

/** What stands before an entry and again in the directory. */
function fields({ bytes, packed, name }) {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0); // version that can read it
  header.writeUInt16LE(encoded, 2);
  header.writeUInt16LE(8, 4); // deflated
  header.writeUInt16LE(0, 6);
  header.writeUInt16LE(date, 8);
  header.writeUInt32LE(checksum(bytes), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(bytes.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

/** One zip of `[path, bytes]`. */
export function zip(files) {
  const local = [];
  const directory = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const entry = { bytes, packed: zlib.deflateRawSync(bytes, { level: 9 }), name: Buffer.from(path) };
    const head = Buffer.concat([Buffer.from('PK\x03\x04'), fields(entry), entry.name]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields(entry), tail, entry.name);
    local.push(head, entry.packed);
    offset += head.length + entry.packed.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, index, Buffer.from('PK\x05\x06'), end]);
}
