import { describe, expect, it } from 'vitest';
import type { EpochReading } from './epoch-register.ts';
import { defaultLimits } from './limits.ts';
import { TrustLease } from './trust-lease.ts';

const { trustLeaseMs, clockDriftRatio, clockStepMaxMs } = defaultLimits;
const usableMs = trustLeaseMs * (1 - clockDriftRatio);

/** A lease over clocks and a row that are variables. */
class Bench {
  wallMs = 5_000_000;
  monotonicMs = 1_000;
  reading: EpochReading = { row: { state: 'draining', number: 1 }, doubt: undefined };
  /** Runs while PostgreSQL is being asked. */
  meanwhile: () => void = () => undefined;

  /** How long a connection takes to make before PostgreSQL can be asked. */
  connectMs = 0;

  readonly lease = new TrustLease({
    limits: defaultLimits,
    ambient: { nowMs: () => this.wallMs, monotonicMs: () => this.monotonicMs },
    register: {
      read: async (onAsk) => {
        this.pass(this.connectMs);
        onAsk?.();
        const { reading } = this;
        this.meanwhile();
        return reading;
      },
    },
  });

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

describe('TrustLease', () => {
  it('is not held before PostgreSQL was asked', () => {
    expect(new Bench().lease.isHeld).toBe(false);
  });

  it('ends a margin before those stop waiting who wait for its whole length', async () => {
    const bench = new Bench();
    await bench.lease.renew();
    bench.pass(usableMs - 1);
    expect(bench.lease.isHeld).toBe(true);
    bench.pass(1);
    expect(bench.lease.isHeld).toBe(false);
    expect(usableMs + clockStepMaxMs).toBeLessThanOrEqual(trustLeaseMs);
  });

  it('counts from before the question, however late the answer comes', async () => {
    const bench = new Bench();
    bench.meanwhile = () => bench.pass(usableMs - 1);
    await bench.lease.renew();
    expect(bench.lease.isHeld).toBe(true);
    bench.pass(1);
    expect(bench.lease.isHeld).toBe(false);
  });

  it('does not count the time in which a connection was made', async () => {
    const bench = new Bench();
    bench.connectMs = trustLeaseMs;
    await bench.lease.renew();
    bench.pass(usableMs - 1);
    expect(bench.lease.isHeld).toBe(true);
  });

  it('is not held while PostgreSQL does not answer, and keeps what the row said', async () => {
    const bench = new Bench();
    await bench.lease.renew();
    bench.meanwhile = () => {
      throw new Error('PostgreSQL is away.');
    };
    bench.pass(trustLeaseMs);
    await expect(bench.lease.renew()).rejects.toThrow('away');
    expect(bench.lease.isHeld).toBe(false);
    expect(bench.lease.reading?.row).toEqual({ state: 'draining', number: 1 });
  });

  it('ends when the machine slept, which its monotonic clock may not have noticed', async () => {
    const bench = new Bench();
    await bench.lease.renew();
    bench.wallMs += clockStepMaxMs;
    expect(bench.lease.isHeld).toBe(true);
    bench.wallMs += 1;
    expect(bench.lease.isHeld).toBe(false);
    await bench.lease.renew();
    expect(bench.lease.isHeld).toBe(true);
  });

  it('keeps the later of two answers that overtook each other', async () => {
    const bench = new Bench();
    const answers: (() => void)[] = [];
    const lease = new TrustLease({
      limits: defaultLimits,
      ambient: { nowMs: () => bench.wallMs, monotonicMs: () => bench.monotonicMs },
      register: {
        read: async () => {
          const { reading } = bench;
          await new Promise<void>((resolve) => answers.push(resolve));
          return reading;
        },
      },
    });
    const early = lease.renew();
    bench.pass(10);
    bench.reading = { row: { state: 'bypass', number: 1 }, doubt: undefined };
    const late = lease.renew();
    answers[1]?.();
    await late;
    answers[0]?.();
    await early;
    expect(lease.reading?.row.state).toBe('bypass');
  });
});
