import type { Finding } from './fuzz.ts';
import type { RunOptions, RunResult } from './run.ts';
import type { Tally } from './tally.ts';

const bytesShownMax = 1_500;
/** Of the answers to one kind of input. */
const widthMax = 96;

/** One screen for a person: what was sent, what came back, and what was wrong. */
export function report({ seed }: Pick<RunOptions, 'seed'>, result: RunResult): string {
  const { tally, findings, aftermath, holdings, held, tookMs } = result;
  const first = holdings[0];
  const last = holdings.at(-1);
  return [
    `seed ${seed}: ${figure(tally.inputs)} inputs with ${figure(tally.calls)} calls in ${(tookMs / 1_000).toFixed(0)} s, ${held} unfinished requests held beside them`,
    '',
    ...table('kind of input', tally.byKind),
    '',
    ...table('called alone', tally.byProcedure),
    '',
    first && last
      ? `heap ${megabytes(first.heapBytes)} to ${megabytes(last.heapBytes)} MB, resident ${megabytes(first.residentBytes)} to ${megabytes(last.residentBytes)} MB, handles ${first.handles} to ${last.handles}, descriptors ${first.descriptors} to ${last.descriptors}`
      : 'what the process holds was not measured',
    '',
    ...(findings.length + aftermath.length === 0 ? ['Nothing was wrong.'] : []),
    ...findings.flatMap(describe),
    ...aftermath.map((text) => `At the end: ${text}`),
  ].join('\n');
}

/** Whether anything was wrong. */
export function isFaulty({ findings, aftermath }: RunResult): boolean {
  return findings.length + aftermath.length > 0;
}

function describe({ fault, seed, path, input }: Finding): string[] {
  const { bytes = '', kind = '', port = '', end = '', before } = input ?? {};
  return [
    fault,
    ...(before ?? []).map(
      ({ leaves, afterMs, ...visitor }) =>
        `    ${leaves} after ${afterMs} ms, ${visitor.isReading ? 'reading' : 'not reading'}: ${shown(visitor.bytes)}`,
    ),
    `    ${kind}, to the port of the ${port}, then ${end}: ${shown(bytes)}`,
    `    npm run fuzz -- --seed ${seed} --path ${path}`,
    '',
  ];
}

function shown(bytes: string): string {
  const text = JSON.stringify(bytes.slice(0, bytesShownMax));
  return bytes.length > bytesShownMax ? `${text}… (${bytes.length} bytes)` : text;
}

function table(title: string, counts: Tally['byKind']): string[] {
  return [
    `${title.padEnd(30)}  inputs  answers by code`,
    ...[...counts]
      .sort(([one], [other]) => one.localeCompare(other, 'en'))
      .map(([row, { inputs, answers }]) => {
        const often = [...answers].sort(([, one], [, other]) => other - one);
        const told = often.map(([code, count]) => `${code}: ${figure(count)}`);
        return `${row.padEnd(30)} ${figure(inputs).padStart(7)}  ${lines(told).join(`\n${' '.repeat(40)}`)}`;
      }),
  ];
}

/** Parts of a list, as many to a line as go there. */
function lines(parts: readonly string[]): string[] {
  const all: string[] = [];
  for (const part of parts) {
    const longer = [...all.splice(-1), part].join(', ');
    if (longer.length <= widthMax) all.push(longer);
    else all.push(longer.slice(0, -part.length - 1), part);
  }
  return all;
}

function figure(count: number): string {
  return count.toLocaleString('en');
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}
