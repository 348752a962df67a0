/** A time in which Azure may begin an upgrade: from the first instant until just before the second, RFC 3339. */
export interface MaintenanceWindow {
  readonly from: string;
  readonly until: string;
}

/** When Azure is to upgrade the node images of a cluster, or why that is left to it. */
export type PlannedUpgrade =
  | ({
      readonly state: 'planned';
      readonly configuration: string;
      readonly channel: string;
      /** The one before, when there was one in the last year. */
      readonly last?: MaintenanceWindow;
    } & MaintenanceWindow)
  | {
      readonly state: 'unplanned';
      readonly why: string;
      /** There is a window, and Azure's documents do not say when it opens. */
      readonly ambiguous?: true;
    };
