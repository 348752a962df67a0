/** Prepares itself, and gives what is to be measured; that tells how many pods it saw, and a note. */
export type Client = (url: string) => Promise<() => Promise<Seen>>;

/** What a client saw. */
export interface Seen {
  readonly pods: number;
  readonly note?: string;
}
