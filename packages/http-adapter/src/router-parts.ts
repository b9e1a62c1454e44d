import {
  initTRPC,
  type AnyTRPCProcedure,
  type AnyTRPCRouter,
  type TRPCProcedureType,
} from '@trpc/server';

/** What a router was created with: transformer, formatter, separator. */
export function configOf<Router extends AnyTRPCRouter>({
  _def: definition,
}: Router): Router['_def']['_config'] {
  const { _config: config } = definition;
  return config;
}

/** Undefined too for what is loaded when it is first called: tRPC does that, and it is found here afterwards. */
export function procedureAt(
  { _def: definition }: AnyTRPCRouter,
  path: string,
): AnyTRPCProcedure | undefined {
  const procedures: Readonly<Record<string, AnyTRPCProcedure>> = definition.procedures;
  return procedures[path];
}

export function typeOf({ _def: definition }: AnyTRPCProcedure): TRPCProcedureType {
  return definition.type;
}

/** Whether outputs and errors of the router go out as they are. */
export function isUntransformed(router: AnyTRPCRouter): boolean {
  const { _config: defaults } = initTRPC.create();
  return configOf(router).transformer === defaults.transformer;
}
