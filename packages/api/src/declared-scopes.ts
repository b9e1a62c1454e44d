import type { AnyTRPCProcedure, AnyTRPCRouter, TRPCProcedureType } from '@trpc/server';
import { z } from 'zod';
import { scopes, type Scope } from './auth.ts';

/** What a procedure says of itself. */
export interface Declared {
  readonly type: TRPCProcedureType;
  readonly scope: Scope;
}

const metaSchema = z.object({ scope: z.enum(scopes) });

/** Every procedure by its name, in the order of the router. Throws for one that declares no scope: nothing would guard it. */
export function declaredScopes({ _def: definition }: AnyTRPCRouter): ReadonlyMap<string, Declared> {
  const procedures: Readonly<Record<string, AnyTRPCProcedure>> = definition.procedures;
  return new Map(
    Object.entries(procedures).map(([name, { _def: declared }]) => {
      const meta = metaSchema.safeParse(declared.meta);
      if (!meta.success) throw new Error(`The procedure ${name} declares no scope.`);
      return [name, { type: declared.type, scope: meta.data.scope }];
    }),
  );
}
