/** An object whose members are present or absent, but never `undefined`. */
export type Given<T extends object> = { [K in keyof T]?: NonNullable<T[K]> };

/** Returns the object without members that are `undefined`. */
export function given<T extends object>(value: T): Given<T> {
  const result: Given<T> = {};
  for (const key in value) {
    const member = value[key];
    if (member !== undefined && member !== null) result[key] = member;
  }
  return result;
}
