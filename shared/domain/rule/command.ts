/** One command of a remediation: a single line that a POSIX shell and PowerShell read alike. */
export interface Command {
  readonly run: string;
  /** Whether it deletes something: to be told before anybody pastes it. */
  readonly deletes: boolean;
  /** The context of a kubeconfig that it names; absent where the command needs none. */
  readonly context?: string;
}

/** What to do about one failure: a note in sentences, and commands to be run in their order. */
export interface Remedy {
  /** Absent where the words of the rule say it all. */
  readonly remediation?: string;
  readonly commands?: readonly Command[];
}
