import { describe, expect, it } from 'vitest';
import { Flights } from './flights.ts';

describe('Flights', () => {
  it('never lets a read join a load that was sent before it began', async () => {
    const flights = new Flights<number>('records');
    const loads: PromiseWithResolvers<number>[] = [];
    const fly = async (): Promise<number> => {
      const load = Promise.withResolvers<number>();
      loads.push(load);
      return load.promise;
    };
    const early = flights.join('k', fly);
    const [late, later] = [flights.join('k', fly), flights.join('k', fly)];
    expect(loads).toHaveLength(1);
    loads[0]?.resolve(1);
    expect(await early).toBe(1);
    await expect.poll(() => loads.length).toBe(2);
    loads[1]?.resolve(2);
    expect(await Promise.all([late, later])).toEqual([2, 2]);
  });

  it('gives those who board the next flight its own answer when the one before it fails', async () => {
    const flights = new Flights<string>('records');
    const failing = flights.join('k', async () => Promise.reject(new Error('down')));
    const next = flights.join('k', async () => 'up');
    await expect(failing).rejects.toThrow('down');
    expect(await next).toBe('up');
  });

  it('keeps keys apart and remembers none of them afterwards', async () => {
    const flights = new Flights<string>('records');
    const both = [flights.join('a', async () => 'a'), flights.join('b', async () => 'b')];
    expect(await Promise.all(both)).toEqual(['a', 'b']);
    expect(await flights.join('a', async () => 'anew')).toBe('anew');
  });
});
