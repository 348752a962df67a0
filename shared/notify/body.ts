/** One request to a notification target. */
export interface NotifyBody {
  readonly contentType: string;
  readonly body: string;
}

/** Returns the address of a finding's page; `undefined` if the app's public address is not configured. */
export type PageOf = (findingId: string) => string | undefined;
