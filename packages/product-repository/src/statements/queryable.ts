/** What statements need of a connection. A `pg.Client` is one, and so is a connection of Sequelize's pool. */
export interface Queryable {
  query(statement: Statement): Promise<StatementResult>;
}

/** What a statement needs that is more than one. */
export interface Connection extends Queryable {
  /** Sends them in a row, in one round trip, and tells how each ended. */
  queryAll(statements: readonly Statement[]): Promise<PromiseSettledResult<StatementResult>[]>;
}

/** `name` makes the connection prepare the statement once and only bind values afterwards. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

export interface StatementResult {
  readonly rows: Record<string, unknown>[];
  readonly rowCount: number | null;
}
