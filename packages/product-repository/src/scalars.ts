import { z } from 'zod';

/** Largest value of PostgreSQL's `integer`, the type of ids, stock and versions. */
export const integerMax = 2_147_483_647;

export const id = z.int().min(1).max(integerMax);

/**
 * A string of so many characters, not all of them blanks where some are required. PostgreSQL's `text` cannot
 * hold the NUL character or a lone surrogate.
 */
export function text(min: number, max: number) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine((value) => value === '' || min === 0 || value.trim() !== '', 'must not be blank')
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'must be valid Unicode without NUL',
    );
}
