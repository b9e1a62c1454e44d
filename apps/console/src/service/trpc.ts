import type { ThroughlineClient } from '@throughline/client';
import type { TRPCClient } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';

/** The service's procedures as options of TanStack Query. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

type AppRouter = ThroughlineClient extends TRPCClient<infer Router> ? Router : never;

type Outputs = inferRouterOutputs<AppRouter>;
export type Product = Outputs['product']['byIds'][number] & {};
export type Category = Outputs['category']['list'][number];
