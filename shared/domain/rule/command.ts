/** One command of a remediation: a single line that works in a POSIX shell and in PowerShell. */
export interface Command {
  readonly run: string;
  /** Whether it deletes something; shown before the user runs it. */
  readonly deletes: boolean;
  /** The kubeconfig context that it names; absent if it needs none. */
  readonly context?: string;
}

/** What to do about one failure: a note in sentences, and the commands to run in order. */
export interface Remedy {
  /** Absent if the rule's own text is enough. */
  readonly remediation?: string;
  readonly commands?: readonly Command[];
}
