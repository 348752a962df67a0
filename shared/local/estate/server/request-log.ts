/** One request to a simulated server. */
export interface RequestRecord {
  /** `arm`, or the cluster's name. */
  readonly server: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly time: Date;
  /** Absent until the answer was sent; stays absent if the connection was cut. */
  status?: number;
}

/** Records every request of a running estate in the order of arrival. */
export class RequestLog {
  readonly records: RequestRecord[] = [];

  /** Records that a request arrived; the caller adds the status of the answer. */
  begin(request: Pick<RequestRecord, 'server' | 'method' | 'path'>): RequestRecord {
    const record: RequestRecord = { ...request, time: new Date() };
    this.records.push(record);
    return record;
  }
}
