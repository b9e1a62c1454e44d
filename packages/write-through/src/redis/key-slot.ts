const slotCount = 16_384;

/** The slot of a Redis Cluster that a key belongs to: CRC-16 (XMODEM) of its hash tag, or of all of it. */
export function keySlot(key: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
  return crc16(Buffer.from(tag)) % slotCount;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
    }
    crc &= 0xffff;
  }
  return crc;
}
