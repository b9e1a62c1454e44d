/** The values as they are after, but for the fields that were typed: those that differ from what they were before. */
export function rebased<Values extends object>(
  typed: Values,
  before: Values,
  after: Values,
): Values {
  const previous = new Map(Object.entries(before));
  const changed = Object.entries(typed).filter(([field, value]) => value !== previous.get(field));
  return { ...after, ...Object.fromEntries(changed) };
}
