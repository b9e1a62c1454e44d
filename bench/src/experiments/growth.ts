import type { Curve } from '../measurements.ts';
import type { Context } from './context.ts';

export async function measureGrowth(_: Context): Promise<Curve[]> {
  return [];
}
