/** Inputs of one kind, and the answers that they got: several, where they are pipelined. */
export interface Counts {
  inputs: number;
  readonly answers: Map<string, number>;
}

/** How many inputs of which kind got which answers. */
export class Tally {
  readonly byKind = new Map<string, Counts>();
  /** Of requests that called a single procedure. */
  readonly byProcedure = new Map<string, Counts>();
  /** Alone or in a batch. */
  readonly called = new Set<string>();
  inputs = 0;
  calls = 0;

  count(kind: string, answers: readonly string[]): void {
    this.inputs += 1;
    increase(this.byKind, kind, answers);
  }

  countCalls(procedures: readonly string[], answers: readonly string[]): void {
    this.calls += procedures.length;
    for (const each of procedures) this.called.add(each);
    const [procedure] = procedures;
    if (procedures.length === 1 && procedure !== undefined) {
      increase(this.byProcedure, procedure, answers);
    }
  }
}

function increase(rows: Map<string, Counts>, row: string, answers: readonly string[]): void {
  const counts = rows.get(row) ?? { inputs: 0, answers: new Map<string, number>() };
  counts.inputs += 1;
  for (const answer of answers) counts.answers.set(answer, (counts.answers.get(answer) ?? 0) + 1);
  rows.set(row, counts);
}
