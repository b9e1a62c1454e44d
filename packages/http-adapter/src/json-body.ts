import { transformTRPCResponse, type AnyTRPCRouter, type TRPCErrorShape } from '@trpc/server';

/** One answer as tRPC shapes it, before a transformer. */
export type CallAnswer =
  { readonly result: { readonly data: unknown } } | { readonly error: TRPCErrorShape };

/** A text with the bytes that it takes on the wire. */
export interface JsonBody {
  readonly text: string;
  /** `latin1`: each character stands for one byte of UTF-8. */
  readonly encoding: 'utf8' | 'latin1';
  readonly bytes: number;
}

export function bodyOf(text: string): JsonBody {
  return { text, encoding: 'utf8', bytes: Buffer.byteLength(text) };
}

type Config = AnyTRPCRouter['_def']['_config'];

/** The body that tRPC sends for answers that are known. */
export function transformedBody(config: Config, answers: CallAnswer | CallAnswer[]): JsonBody {
  return bodyOf(JSON.stringify(transformTRPCResponse(config, answers)));
}

/** The same where nothing is transformed, with the JSON text of some outputs known. */
export function splicedBody(
  answers: CallAnswer | CallAnswer[],
  textsOf: readonly (Uint8Array | undefined)[],
): JsonBody {
  if (textsOf.every((text) => text === undefined)) return bodyOf(JSON.stringify(answers));
  if (!Array.isArray(answers)) return latin1Body(splicedText(answers, textsOf[0]));
  const texts = answers.map((answer, index) => splicedText(answer, textsOf[index]));
  return latin1Body(`[${texts.join(',')}]`);
}

/** Head and body go out in one write where both are text, which bytes would not. */
function latin1Body(text: string): JsonBody {
  return { text, encoding: 'latin1', bytes: text.length };
}

function splicedText(answer: CallAnswer, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return Buffer.from(JSON.stringify(answer)).toString('latin1');
  return `{"result":{"data":${bufferOf(bytes).toString('latin1')}}}`;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
