/**
 * A value as the JSON that it is stored as. It is passed on as these bytes; whoever needs the value parses it, as
 * `JSON.stringify` does through `toJSON`.
 */
export class EncodedJson<Value> {
  readonly bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  static of<Value>(value: Value): EncodedJson<Value> {
    return new EncodedJson(Buffer.from(JSON.stringify(value)));
  }

  /** `bytes` are the JSON of a `Value`; nobody checks it. */
  static ofBytes<Value>(bytes: Buffer): EncodedJson<Value> {
    return new EncodedJson(bytes);
  }

  /** The array of the items. */
  static array<Item>(items: readonly EncodedJson<Item>[]): EncodedJson<Item[]> {
    return new EncodedJson(
      joined(
        '[',
        items.map(({ bytes }) => ['', bytes] as const),
        ']',
      ),
    );
  }

  /** The object with those members, in that order. */
  static object<Value extends object>(members: {
    readonly [Name in keyof Value]: EncodedJson<Value[Name]>;
  }): EncodedJson<Value> {
    const parts = Object.entries<EncodedJson<unknown>>(members).map(
      ([name, { bytes }]) => [`${JSON.stringify(name)}:`, bytes] as const,
    );
    return new EncodedJson(joined('{', parts, '}'));
  }

  toJSON(): Value {
    const value: Value = JSON.parse(this.bytes.toString());
    return value;
  }
}

/** Each part after its label, with commas between them. */
function joined(
  open: string,
  parts: readonly (readonly [label: string, bytes: Buffer])[],
  close: string,
): Buffer {
  const pieces = parts.flatMap(([label, bytes], index) => [
    Buffer.from(`${index === 0 ? open : ','}${label}`),
    bytes,
  ]);
  pieces.push(Buffer.from(parts.length === 0 ? open + close : close));
  return Buffer.concat(pieces);
}
