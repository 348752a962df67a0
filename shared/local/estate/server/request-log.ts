/** One request to a simulated server. */
export interface RequestRecord {
  /** `arm`, or the cluster's name. */
  readonly server: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly time: Date;
  /** Absent while the answer is still open, and for good when the connection was cut. */
  status?: number;
}

/** Remembers every request of a running estate, in the order of their arrival. */
export class RequestLog {
  readonly records: RequestRecord[] = [];

  /** Notes that a request arrived; the caller adds the status that it answers with. */
  begin(request: Pick<RequestRecord, 'server' | 'method' | 'path'>): RequestRecord {
    const record: RequestRecord = { ...request, time: new Date() };
    this.records.push(record);
    return record;
  }
}
