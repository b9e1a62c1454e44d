/** A place between two records of a file, counted in the bytes of its text as UTF-8. */
export interface Position {
  readonly offset: number;
  /** The number of the line that begins there, from 1. */
  readonly line: number;
}

export const fileBegin: Position = { offset: 0, line: 1 };
