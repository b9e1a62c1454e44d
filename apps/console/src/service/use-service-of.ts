import { useEffect, useMemo, useRef, useState } from 'react';
import { askAnew } from './ask-anew.ts';
import { createQueries, createServiceClient, type Service } from './create-service.ts';

/**
 * The service as it is asked with a token. With another one everything is asked anew and what is being edited stays; once
 * there is none, nothing that it allowed to be seen is shown any more.
 */
export function useServiceOf(token: string | undefined): Service {
  const [{ queries, newest }] = useState(createQueries);
  const client = useMemo(() => createServiceClient(token), [token]);
  const asked = useRef(token);
  // By now every query on the screen has been told of the new client.
  useEffect(() => {
    if (asked.current === token) return;
    asked.current = token;
    if (token === undefined) newest.forget();
    void askAnew(queries, token === undefined);
  }, [token, queries, newest]);
  return useMemo(() => ({ client, queries, newest }), [client, queries, newest]);
}
