/** The price as the service takes it, exact, with two digits after the point; undefined of what is no price. */
export function toPrice(text: string): string | undefined {
  const [, whole = '', cents = ''] = /^\s*(\d{1,10})(?:[.,](\d{1,2}))?\s*$/.exec(text) ?? [];
  if (whole === '') return undefined;
  return `${whole.replace(/^0+(?=\d)/, '')}.${cents.padEnd(2, '0')}`;
}
