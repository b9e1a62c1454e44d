/** The frame of a value or a known absence as releases wrote it that knew no checksum. */
export function uncheckedFrame(state: 'V' | 'N', version: number): Buffer {
  const frame = Buffer.alloc(24);
  frame[0] = 1;
  frame.write(state, 1);
  frame.writeUInt16BE(1, 2);
  frame.writeBigUInt64BE(BigInt(version), 4);
  frame.writeBigUInt64BE(2_000_000_000_000n, 12);
  frame.writeUInt32BE(60_000, 20);
  return state === 'V' ? Buffer.concat([frame, Buffer.from('{"of":"before"}')]) : frame;
}
