/** The same object with some members replaced; the others stay bound to it. */
export function overridden<Target extends object>(
  target: Target,
  members: Partial<Target>,
): Target {
  return new Proxy(target, {
    get(found, property) {
      if (Object.hasOwn(members, property)) return Reflect.get(members, property) as unknown;
      const member: unknown = Reflect.get(found, property, found);
      return typeof member === 'function' ? (member.bind(found) as unknown) : member;
    },
  });
}
