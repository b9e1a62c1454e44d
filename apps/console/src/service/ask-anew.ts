import type { QueryClient } from '@tanstack/react-query';

/**
 * Asks for all that is on the screen with another token. Answers on their way, which would speak of the one before, are given
 * up; what is there stays until the new answers are there, or is forgotten at once.
 */
export async function askAnew(queries: QueryClient, isForgotten: boolean): Promise<void> {
  // A first answer that is on its way would be taken for the new one.
  await queries.cancelQueries();
  await (isForgotten ? queries.resetQueries() : queries.invalidateQueries());
}
