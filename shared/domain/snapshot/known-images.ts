/** The kernels and Kata version of one Kata node image. */
export interface KataImage {
  readonly nodeImageVersion: string;
  /** The release string of `uname -r` in a pod VM. */
  readonly guestKernel: string;
  /** The release string of the node's own kernel. */
  readonly nodeKernel: string;
  /** The kata-containers package. */
  readonly kataVersion: string;
}

/** The vulnerabilities of one node image that have a fix: only ids, as in the public data. */
export interface ImageVulnerabilities {
  readonly nodeImageVersion: string;
  readonly ids: readonly string[];
}

/** Knowledge about a cluster's node images from other sources than Azure and its nodes. */
export interface KnownImages {
  readonly kernels: readonly KataImage[];
  /** The newest image of a variant, for nodes without a pool, for which Azure offers none. */
  readonly newest: readonly string[];
  /** Absent without such data. If an image has no row, its vulnerabilities are unknown. */
  readonly vulnerabilities?: readonly ImageVulnerabilities[];
  /** Why some of them could not be read. */
  readonly vulnerabilityProblem?: string;
}
