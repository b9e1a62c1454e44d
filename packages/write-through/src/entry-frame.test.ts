import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeFinal, encodeLease, encodePending, sealed } from './entry-frame.ts';
import { packedFromBytes, unpackedBytesMax } from './limits.ts';
import { uncheckedFrame } from './testing/unchecked-frame.ts';

const token = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const life = {
  lifeMs: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  expiresAtMs: fc.maxSafeNat(),
};
const value = fc.record({
  state: fc.constant('value' as const),
  schema: fc.integer({ min: 0, max: 65_535 }),
  version: fc.maxSafeNat(),
  payload: fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.nat(20_000).map((length) => Buffer.alloc(length, 'text')),
  ),
  ...life,
});
const none = fc.record({ state: fc.constant('none' as const), version: fc.maxSafeNat(), ...life });
const pending = fc.record({
  state: fc.constant('pending' as const),
  nonce: token,
  attempts: fc.array(fc.record({ xid: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), token })),
});

const span = { lifeMs: 60_000, expiresAtMs: 2_000_000_000_000 };
const large = Buffer.from(
  JSON.stringify(Array.from({ length: 1_000 }, (_, id) => ({ id, name: 'x' }))),
);

function final({ payload }: { payload: Buffer }): Buffer {
  return encodeFinal({ state: 'value', schema: 3, version: 7, payload, ...span });
}

describe('the frame of an entry', () => {
  it('gives back every value and known absence that was encoded', () => {
    fc.assert(
      fc.property(fc.oneof(value, none), (entry) => {
        expect(decodeEntry(encodeFinal(entry))).toEqual(entry);
      }),
    );
  });

  it('gives back every pending entry, whatever was published behind it', () => {
    fc.assert(
      fc.property(pending, fc.option(value, { nil: undefined }), (entry, best) => {
        const found = decodeEntry(encodePending(entry, best && encodeFinal(best)));
        expect(found).toEqual({ ...entry, bestVersion: best?.version });
      }),
    );
  });

  it('gives back every lease', () => {
    fc.assert(
      fc.property(token, (drawn) => {
        expect(decodeEntry(encodeLease(drawn))).toEqual({ state: 'lease', token: drawn });
      }),
    );
  });

  it('never throws on bytes of any kind, and takes no cut frame for an entry', () => {
    fc.assert(
      fc.property(fc.oneof(value, none).map(encodeFinal), fc.nat(), (frame, cut) => {
        const part = frame.subarray(0, cut % frame.length);
        expect(decodeEntry(part)).toEqual({ state: 'unreadable' });
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(typeof decodeEntry(Buffer.from(bytes)).state).toBe('string');
      }),
    );
  });

  it.each([
    ['a value', final({ payload: Buffer.from('{"price":"19.90"}') })],
    ['a packed value', final({ payload: large })],
    ['a known absence', encodeFinal({ state: 'none', version: 7, ...span })],
  ])('finds every byte of %s that was changed, and gives no other answer', (_, frame) => {
    const whole = decodeEntry(frame);
    const answers = Array.from(frame, (byte, at) =>
      [0x01, 0x38, 0x80, 0xff].map((flip) => {
        const changed = Buffer.from(frame);
        changed[at] = byte ^ flip;
        return decodeEntry(changed);
      }),
    );
    const ofLife = answers.splice(12, 12).flat();
    expect(ofLife.map((found) => ({ ...found, ...span }))).toEqual(ofLife.map(() => whole));
    expect(new Set(answers.flat().map(({ state }) => state))).toEqual(new Set(['unreadable']));
  });

  it('packs a large value, and neither a small one nor one that does not shrink', () => {
    expect(final({ payload: large }).length).toBeLessThan(large.length / 4);
    const small = large.subarray(0, packedFromBytes - 1);
    expect(final({ payload: small }).subarray(29)).toEqual(small);
    const random = randomBytes(2 * packedFromBytes);
    expect(final({ payload: random }).subarray(29)).toEqual(random);
    const found = decodeEntry(final({ payload: large }));
    expect(found.state === 'value' && found.payload.equals(large)).toBe(true);
  });

  it('keeps a value that is too large to be unpacked as it is', () => {
    const payload = Buffer.alloc(unpackedBytesMax + 1, 'a');
    const frame = final({ payload });
    expect(frame.length).toBe(payload.length + 29);
    const found = decodeEntry(frame);
    expect(found.state === 'value' && found.payload.equals(payload)).toBe(true);
  });

  it('unpacks no more than the limit of a forged frame', () => {
    const bomb = zstdCompressSync(Buffer.alloc(unpackedBytesMax + 1));
    const forged = final({ payload: bomb });
    forged[28] = 1;
    sealed(forged);
    expect(decodeEntry(forged)).toEqual({ state: 'unreadable' });
  });

  it('takes the frame of a newer release for unreadable, and of an older one without a checksum', () => {
    const frame = encodeLease('00000000000000aa');
    frame[0] = 2;
    expect(decodeEntry(frame)).toEqual({ state: 'unreadable' });
    for (const entry of ['V', 'N'] as const) {
      expect(decodeEntry(uncheckedFrame(entry, 3))).toEqual({ state: 'unreadable' });
    }
  });

  it('gives the version that an older release published behind a pending entry', () => {
    const entry = { state: 'pending', nonce: '00000000000000bb', attempts: [] } as const;
    const found = decodeEntry(encodePending(entry, uncheckedFrame('V', 3)));
    expect(found).toEqual({ ...entry, bestVersion: 3 });
  });
});
