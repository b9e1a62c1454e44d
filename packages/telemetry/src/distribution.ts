/** What a histogram has counted since its process began, in the unit that its name ends with. */
export interface Distribution {
  /** How many observations there were up to each upper edge, ascending. The last edge is infinite and counts all. */
  readonly buckets: readonly { readonly edge: number; readonly count: number }[];
  /** Of all observations. */
  readonly sum: number;
}
