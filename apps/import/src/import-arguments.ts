import { parseArgs } from 'node:util';
import { ImportError } from './import-error.ts';

export const usage = `npm run import -- FILE [options]

Creates or changes products by their SKU from a file of CSV with a header, or of JSON Lines.

  --url URL             of the service, such as http://127.0.0.1:3000/trpc. Without it: that which
                        npm start runs in this checkout, or else one that is started for the import
  --token TOKEN         for it, with catalog:read and catalog:write; better as TOKEN in the environment
  --format csv|jsonl    otherwise by the name of the file: .jsonl, .ndjson or .json is jsonl
  --delimiter CHARACTER between values of CSV; otherwise , ; or a tab, whichever the header has most of
  --encoding NAME       such as latin1 or utf-16le; utf-8 if not given. A byte order mark comes first
  --create-categories   creates categories that are named and unknown
  --restart             begins anew, though an import of the file was interrupted
  --help                says this

What is rejected goes to FILE.rejected, which can be mended and imported. Ctrl-C stops after what is
under way; the same command goes on from there. More: docs/import.md`;

export interface ImportArguments {
  readonly file: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly format: 'csv' | 'jsonl';
  readonly delimiter: string | undefined;
  readonly encoding: string | undefined;
  readonly createsCategories: boolean;
  readonly restarts: boolean;
}

/** Throws an ImportError that says what is wrong with them. */
export function importArguments(args: readonly string[]): ImportArguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw wrong('Name one file.');
  const { url, delimiter, format = formatOf(file) } = values;
  if (url !== undefined && !/^https?:\/\//.test(url))
    throw wrong('--url is like http://127.0.0.1:3000/trpc.');
  if (format !== 'csv' && format !== 'jsonl') throw wrong('--format is csv or jsonl.');
  if (delimiter !== undefined && !/^(\\t|[^"\r\n\u{80}-\u{10ffff}])$/u.test(delimiter)) {
    throw wrong('--delimiter is one ASCII character, and no quote.');
  }
  return {
    file,
    url,
    token: values.token,
    format,
    delimiter: delimiter === String.raw`\t` ? '\t' : delimiter,
    encoding: values.encoding,
    createsCategories: values['create-categories'] === true,
    restarts: values.restart === true,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        token: { type: 'string' },
        format: { type: 'string' },
        delimiter: { type: 'string' },
        encoding: { type: 'string' },
        'create-categories': { type: 'boolean' },
        restart: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (err) {
    throw wrong(err instanceof Error ? err.message : String(err));
  }
}

function wrong(problem: string): ImportError {
  return new ImportError(`${problem}\n\n${usage}`);
}

/** A file of rejected records is of the format that it comes from. */
function formatOf(file: string): 'csv' | 'jsonl' {
  return /\.(jsonl|ndjson|json)(\.rejected)*$/i.test(file) ? 'jsonl' : 'csv';
}
