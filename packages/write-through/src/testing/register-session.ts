/** What a transaction writes registers through: the same over PostgreSQL and over a database in memory. */
export interface RegisterSession {
  /** Adds one to the version and signs it, after whoever writes the register has ended. The new row. */
  increment(id: number, by: string): Promise<RegisterRow>;
  /** The row as it is now. */
  find(id: number): Promise<RegisterRow>;
  /** A statement that the database refuses: throws, and the transaction can only roll back. */
  fail(): Promise<void>;
}

export interface RegisterRow {
  readonly version: number;
  /** Begins with the version, so that a payload tells its own. */
  readonly text: string;
}

export function versionOf(text: string | undefined): number {
  return text === undefined ? 0 : Number.parseInt(text, 10);
}
