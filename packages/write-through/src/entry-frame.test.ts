import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeFinal, encodeLease, encodePending } from './entry-frame.ts';

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
  payload: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ...life,
});
const none = fc.record({ state: fc.constant('none' as const), version: fc.maxSafeNat(), ...life });
const pending = fc.record({
  state: fc.constant('pending' as const),
  nonce: token,
  attempts: fc.array(fc.record({ xid: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), token })),
});

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

  it('never throws on bytes of any kind, and takes a cut frame for no other entry', () => {
    fc.assert(
      fc.property(fc.oneof(value, none).map(encodeFinal), fc.nat(), (frame, cut) => {
        const part = frame.subarray(0, cut % frame.length);
        const whole = decodeEntry(frame).state;
        expect(decodeEntry(part).state).toBe(part.length < 24 ? 'unreadable' : whole);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(typeof decodeEntry(Buffer.from(bytes)).state).toBe('string');
      }),
    );
  });

  it('takes the frame of a newer release for unreadable', () => {
    const frame = encodeLease('00000000000000aa');
    frame[0] = 2;
    expect(decodeEntry(frame)).toEqual({ state: 'unreadable' });
  });
});
