import type { EncodedJson } from '../encoded-json.ts';
import type { OperationResult } from '../operation-result.ts';

/** A read as its caller over the wire gets it: with the value that its JSON holds, or null where there is none. */
export async function told<Value>(
  read: Promise<OperationResult<EncodedJson<Value>>>,
): Promise<OperationResult<Value>>;
export async function told<Value>(
  read: Promise<OperationResult<EncodedJson<Value> | null>>,
): Promise<OperationResult<Value | null>>;
export async function told<Value>(
  read: Promise<OperationResult<EncodedJson<Value> | null>>,
): Promise<OperationResult<Value | null>> {
  const { value, ...rest } = await read;
  return { ...rest, value: value?.toJSON() ?? null };
}
