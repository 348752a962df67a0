/** One request to a target. */
export interface NotifyBody {
  readonly contentType: string;
  readonly body: string;
}

/** Gives the address of a finding's page; `undefined` when the app does not know its own. */
export type PageOf = (findingId: string) => string | undefined;
