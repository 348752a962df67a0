/** A period in which Azure may start an upgrade: from the first time until just before the second, RFC 3339. */
export interface MaintenanceWindow {
  readonly from: string;
  readonly until: string;
}

/** When Azure is scheduled to upgrade the node images of a cluster, or why there is no schedule. */
export type PlannedUpgrade =
  | ({
      readonly state: 'planned';
      readonly configuration: string;
      readonly channel: string;
      /** The previous one, if there was one within the last year. */
      readonly last?: MaintenanceWindow;
    } & MaintenanceWindow)
  | {
      readonly state: 'unplanned';
      readonly why: string;
      /** There is a window, but Azure's documentation does not say when it starts. */
      readonly ambiguous?: true;
    };
