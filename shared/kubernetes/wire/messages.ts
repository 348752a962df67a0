/*
 * The types that both the protobuf decoder and the JSON reader return. Fields that the server omitted
 * are absent, empty or false: the encoding does not distinguish these for the fields that are judged.
 */

/** The metadata of a list. */
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

/** An owner reference of an object. */
export interface WireOwner {
  readonly apiVersion?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly controller?: boolean | null | undefined;
}

type Quantities = Readonly<Record<string, { readonly string?: string | null | undefined }>>;

/** A container, an init container, or the common part of an ephemeral one. */
export interface WireContainer {
  readonly resources?: { readonly limits?: Quantities | null | undefined } | null | undefined;
  readonly securityContext?: { readonly privileged?: boolean | null | undefined } | null | undefined;
  /** `Always` on an init container makes it a sidecar. */
  readonly restartPolicy?: string | null | undefined;
}

/** A time in whole seconds. */
type WireTime = { readonly seconds?: number | null | undefined } | null | undefined;

/** The state of one container. */
export interface WireContainerStatus {
  readonly state?:
    | {
        readonly waiting?: { readonly reason?: string | null | undefined } | null | undefined;
        readonly terminated?: { readonly finishedAt?: WireTime } | null | undefined;
      }
    | null
    | undefined;
}

/** A condition of a pod. */
export interface WirePodCondition {
  readonly type?: string | null | undefined;
  readonly status?: string | null | undefined;
  readonly lastTransitionTime?: WireTime;
  readonly reason?: string | null | undefined;
  readonly message?: string | null | undefined;
}

/** A taint of a node. */
export interface WireTaint {
  readonly key?: string | null | undefined;
  readonly value?: string | null | undefined;
  readonly effect?: string | null | undefined;
}

/** A toleration of a pod. */
export interface WireToleration extends WireTaint {
  readonly operator?: string | null | undefined;
}

interface WireVolumeSource {
  readonly hostPath?: object | null | undefined;
  readonly persistentVolumeClaim?: { readonly claimName?: string | null | undefined } | null | undefined;
  readonly ephemeral?: object | null | undefined;
}

/** A volume of a pod. */
export interface WireVolume {
  readonly name?: string | null | undefined;
  readonly volumeSource?: WireVolumeSource | null | undefined;
}

/** The fields of a pod that are judged. */
export interface WirePod {
  readonly metadata?: WireObjectMeta | null | undefined;
  readonly spec?:
    | {
        readonly volumes?: readonly WireVolume[] | null | undefined;
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
        /** Encoded if they came as protobuf; `opened` decodes them. */
        readonly tolerations?: readonly (WireToleration | Uint8Array)[] | null | undefined;
        readonly schedulingGates?: readonly object[] | null | undefined;
        readonly runtimeClassName?: string | null | undefined;
        readonly overhead?: Quantities | null | undefined;
        readonly resources?: { readonly limits?: Quantities | null | undefined } | null | undefined;
      }
    | null
    | undefined;
  readonly status?:
    | {
        readonly phase?: string | null | undefined;
        /** Encoded if they came as protobuf; `opened` decodes them. */
        readonly conditions?: readonly (WirePodCondition | Uint8Array)[] | null | undefined;
        readonly containerStatuses?: readonly WireContainerStatus[] | null | undefined;
        readonly initContainerStatuses?: readonly WireContainerStatus[] | null | undefined;
      }
    | null
    | undefined;
}

/** The fields of a node that are judged. */
export interface WireNode {
  readonly metadata?: WireObjectMeta | null | undefined;
  readonly spec?:
    | { readonly unschedulable?: boolean | null | undefined; readonly taints?: readonly WireTaint[] | null | undefined }
    | null
    | undefined;
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

/** A persistent volume: where its data is, and the claim that is bound to it. */
export interface WirePersistentVolume {
  readonly spec?:
    | {
        readonly persistentVolumeSource?:
          | { readonly hostPath?: object | null | undefined; readonly local?: object | null | undefined }
          | null
          | undefined;
        readonly claimRef?:
          | { readonly namespace?: string | null | undefined; readonly name?: string | null | undefined }
          | null
          | undefined;
      }
    | null
    | undefined;
  readonly status?: { readonly phase?: string | null | undefined } | null | undefined;
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
  readonly scheduling?:
    | {
        readonly nodeSelector?: Readonly<Record<string, string>> | null | undefined;
        readonly tolerations?: readonly WireToleration[] | null | undefined;
      }
    | null
    | undefined;
}
