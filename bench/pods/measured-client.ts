/** Prepares a client and returns the function to measure, which returns the number of pods that it saw and a note. */
export type Client = (url: string) => Promise<() => Promise<Seen>>;

/** What a client saw. */
export interface Seen {
  readonly pods: number;
  readonly note?: string;
}
