import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface DocumentedError {
  readonly code: string;
  readonly httpStatus: number;
}

const document = path.resolve(import.meta.dirname, '../../../docs/errors.md');

/** What clients are promised to be told, by service code. */
export async function documentedErrors(): Promise<ReadonlyMap<string, DocumentedError>> {
  const rows = (await readFile(document, 'utf8')).matchAll(
    /^\| `([A-Z_]+)` +\| `([A-Z_]+)` +\| (\d{3}) +\|/gm,
  );
  const errors = new Map(
    [...rows].map(([, serviceCode = '', code = '', status]) => [
      serviceCode,
      { code, httpStatus: Number(status) },
    ]),
  );
  if (errors.size < 20) throw new Error('The tables of docs/errors.md have another form.');
  return errors;
}
