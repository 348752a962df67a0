/** The kernels and Kata version of one Kata node image. */
export interface KataImage {
  readonly nodeImageVersion: string;
  /** The release string that `uname -r` shows inside a pod VM. */
  readonly guestKernel: string;
  /** The release string of the node's own kernel. */
  readonly nodeKernel: string;
  /** The kata-containers package. */
  readonly kataVersion: string;
}

/** The vulnerabilities of one node image for which a fix exists: ids only, which is all that the public data has. */
export interface ImageVulnerabilities {
  readonly nodeImageVersion: string;
  readonly ids: readonly string[];
}

/** What is known of the node images of a cluster beside what Azure and its nodes say themselves. */
export interface KnownImages {
  readonly kernels: readonly KataImage[];
  /** The newest image of a variant, for nodes of no pool, which nothing else offers one. */
  readonly newest: readonly string[];
  /** Absent when nobody keeps any; present without an image's row, it is not known which that image has. */
  readonly vulnerabilities?: readonly ImageVulnerabilities[];
  /** Why some of them could not be asked for. */
  readonly vulnerabilityProblem?: string;
}
