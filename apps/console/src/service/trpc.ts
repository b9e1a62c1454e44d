import type { ThroughlineClient } from '@throughline/client';
import type { TRPCClient } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';

/** The service's procedures as options of TanStack Query. */
export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

type AppRouter = ThroughlineClient extends TRPCClient<infer Router> ? Router : never;

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;
export type Product = NonNullable<Outputs['product']['byIds'][number]>;
export type UpdateInput = Inputs['product']['update'];
export type CreateInput = Inputs['product']['create'];
