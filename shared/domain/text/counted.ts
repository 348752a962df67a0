/** A count with its noun in singular or plural: `1 pod`, `2 pods`, `3 classes`. */
export function counted(count: number, noun: string, plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
