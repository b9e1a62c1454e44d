import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { RouterProvider } from 'react-router/dom';
import { createRouter } from './routes.tsx';
import { ServiceContext } from './service/service-context.ts';
import { TRPCProvider } from './service/trpc.ts';
import { useServiceOf } from './service/use-service-of.ts';
import { useAccess } from './session/use-access.ts';
import { theme } from './shell/theme.ts';

/** Everything that the pages rely on, around the router. */
export function App() {
  const { token } = useAccess();
  const service = useServiceOf(token);
  const [router] = useState(createRouter);
  return (
    // Styles that are made at run time would need a policy that allows styles of anybody: theme.css has the variables.
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <ServiceContext value={service}>
        <QueryClientProvider client={service.queries}>
          <TRPCProvider trpcClient={service.client} queryClient={service.queries}>
            <Notifications position="bottom-right" />
            <RouterProvider router={router} />
          </TRPCProvider>
        </QueryClientProvider>
      </ServiceContext>
    </MantineProvider>
  );
}
