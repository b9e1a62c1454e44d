import { z } from 'zod';

const answer = z.object({ result: z.object({ data: z.object({ version: z.number() }) }) });

/** The version of the product in an answer. Throws where there is none. */
export function answerVersion(text: string): number {
  return answer.parse(JSON.parse(text)).result.data.version;
}
