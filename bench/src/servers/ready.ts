/** What every program of the bench prints, and the service in its log, once it serves. */
export const readyText = '"msg":"ready"';

export function sayReady(): void {
  process.stdout.write(`{${readyText}}\n`);
}
