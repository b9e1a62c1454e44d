/** What the doctor found at one step. */
export interface Finding {
  readonly step: string;
  readonly ok: boolean;
  readonly found: string;
  /** What the operator should do, where all is not well. */
  readonly toDo?: string;
}

export function fine(step: string, found: string): Finding {
  return { step, ok: true, found };
}

export function fault(step: string, found: string, toDo: string): Finding {
  return { step, ok: false, found, toDo };
}

/** One line for a person. */
export function lineOf({ step, ok, found, toDo }: Finding): string {
  const advice = toDo === undefined ? '' : `: ${toDo}`;
  return `${ok ? 'ok    ' : 'not ok'}  ${step.padEnd(12)}  ${found}${advice}`;
}
