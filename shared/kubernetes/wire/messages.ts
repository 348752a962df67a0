/*
 * The shapes that both the protobuf decoder and the JSON reader give. Members that the server left
 * out are absent, empty or false: the wire does not tell these apart for the fields we judge.
 */

/** A wire list's head. */
export interface WireListMeta {
  readonly resourceVersion?: string | null | undefined;
  readonly continue?: string | null | undefined;
  readonly remainingItemCount?: number | null | undefined;
}

/** An object's metadata. */
export interface WireObjectMeta {
  readonly name?: string | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly creationTimestamp?: { readonly seconds?: number | null | undefined } | null | undefined;
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly ownerReferences?: readonly WireOwner[] | null | undefined;
}

/** Who owns an object. */
export interface WireOwner {
  readonly kind?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly controller?: boolean | null | undefined;
}

/** Quantities of which only the names count. */
type SomeQuantities = Readonly<Record<string, object>>;
type Quantities = Readonly<Record<string, { readonly string?: string | null | undefined }>>;

/** A container, an init container, or the common part of an ephemeral one. */
export interface WireContainer {
  readonly resources?: { readonly limits?: SomeQuantities | null | undefined } | null | undefined;
  readonly securityContext?: { readonly privileged?: boolean | null | undefined } | null | undefined;
}

interface WireContainerStatus {
  readonly state?: { readonly waiting?: { readonly reason?: string | null | undefined } | null | undefined } | null | undefined;
}

/** A pod, as far as it is judged. */
export interface WirePod {
  readonly metadata?: WireObjectMeta | null | undefined;
  readonly spec?:
    | {
        readonly volumes?:
          | readonly { readonly volumeSource?: { readonly hostPath?: object | null | undefined } | null | undefined }[]
          | null
          | undefined;
        readonly containers?: readonly WireContainer[] | null | undefined;
        readonly initContainers?: readonly WireContainer[] | null | undefined;
        readonly ephemeralContainers?:
          | readonly { readonly ephemeralContainerCommon?: WireContainer | null | undefined }[]
          | null
          | undefined;
        readonly nodeName?: string | null | undefined;
        readonly nodeSelector?: Readonly<Record<string, string>> | null | undefined;
        readonly hostNetwork?: boolean | null | undefined;
        readonly hostPID?: boolean | null | undefined;
        readonly hostIPC?: boolean | null | undefined;
        readonly runtimeClassName?: string | null | undefined;
        readonly overhead?: Quantities | null | undefined;
        readonly resources?: { readonly limits?: SomeQuantities | null | undefined } | null | undefined;
      }
    | null
    | undefined;
  readonly status?:
    | {
        readonly phase?: string | null | undefined;
        readonly containerStatuses?: readonly WireContainerStatus[] | null | undefined;
        readonly initContainerStatuses?: readonly WireContainerStatus[] | null | undefined;
      }
    | null
    | undefined;
}

/** A node, as far as it is judged. */
export interface WireNode {
  readonly metadata?: WireObjectMeta | null | undefined;
  readonly spec?: { readonly unschedulable?: boolean | null | undefined } | null | undefined;
  readonly status?:
    | {
        readonly conditions?:
          | readonly { readonly type?: string | null | undefined; readonly status?: string | null | undefined }[]
          | null
          | undefined;
        readonly nodeInfo?:
          | {
              readonly bootID?: string | null | undefined;
              readonly kernelVersion?: string | null | undefined;
              readonly osImage?: string | null | undefined;
              readonly containerRuntimeVersion?: string | null | undefined;
              readonly kubeletVersion?: string | null | undefined;
            }
          | null
          | undefined;
        readonly runtimeHandlers?: readonly { readonly name?: string | null | undefined }[] | null | undefined;
      }
    | null
    | undefined;
}

/** A namespace. */
export interface WireNamespace {
  readonly metadata?: WireObjectMeta | null | undefined;
}

/** A RuntimeClass. */
export interface WireRuntimeClass {
  readonly metadata?: WireObjectMeta | null | undefined;
  readonly handler?: string | null | undefined;
  readonly overhead?: { readonly podFixed?: Quantities | null | undefined } | null | undefined;
  readonly scheduling?: { readonly nodeSelector?: Readonly<Record<string, string>> | null | undefined } | null | undefined;
}
