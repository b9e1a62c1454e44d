import { createAppRouter, declaredScopes } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import type { AnyTRPCProcedure, AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';

/** What is used here of JSON Schema. */
export interface JsonSchema {
  readonly type?: string | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly pattern?: string | undefined;
}

const jsonSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    properties: z.record(z.string(), jsonSchema).optional(),
    required: z.array(z.string()).optional(),
    items: jsonSchema.optional(),
    anyOf: z.array(jsonSchema).optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
    pattern: z.string().optional(),
  }),
);

export interface Procedure {
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Of its input; without one it takes none. */
  readonly input: JsonSchema | undefined;
}

const definitionSchema = z.object({ inputs: z.array(z.instanceof(z.ZodType)) });

function listProcedures(): Procedure[] {
  // It is only looked at.
  const router = createAppRouter({
    products: new InMemoryProducts(),
    admin: new InMemoryCacheAdmin(),
    status: uncalled,
  });
  const definitions = new Map(partsOf(router));
  return [...declaredScopes(router)].map(([name, { type }]) => {
    const { inputs } = definitionSchema.parse(definitions.get(name));
    const [schema] = inputs;
    if (inputs.length > 1) throw new Error(`${name} has an input of several parts.`);
    const written = schema && z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return { name, type, input: written && jsonSchema.parse(written) };
  });
}

/** Every procedure that the router has, so that a new one is tried without anybody's doing. */
export const procedures: readonly Procedure[] = listProcedures();

function partsOf({ _def: { procedures: all } }: AnyTRPCRouter): [string, unknown][] {
  const entries: [string, AnyTRPCProcedure][] = Object.entries(all);
  return entries.map(([name, { _def: definition }]) => [name, definition]);
}

function uncalled(): never {
  throw new Error('It is not called here.');
}
