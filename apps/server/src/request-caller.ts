import { currentRequestScope } from '@throughline/telemetry';
import type { ServerResponse } from 'node:http';

/** Has the work of the running request find out whether anybody waits for it. */
export function noteAnswer(res: Pick<ServerResponse, 'destroyed'>): void {
  const scope = currentRequestScope();
  if (scope) scope.answer = res;
}

/** False if the client of the running request has gone. Outside of a request, what is done is wanted. */
export function isCallerThere(): boolean {
  return currentRequestScope()?.answer?.destroyed !== true;
}
