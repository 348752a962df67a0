/**
 * Kubernetes' objects as its API servers write them, wider than what Kataudit reads: the estate's
 * encoder must not share a schema with the decoder that it helps to test. Field numbers are those of
 * Kubernetes v1.34 (k8s.io/api core/v1 and node/v1, k8s.io/apimachinery meta/v1 and runtime). A
 * field is `required` where Go writes it even when it is empty.
 */
export const KUBERNETES_SCHEMA = `
syntax = "proto2";

message Unknown { optional TypeMeta typeMeta = 1; optional bytes raw = 2; required string contentEncoding = 3; required string contentType = 4; }
message TypeMeta { required string apiVersion = 1; required string kind = 2; }
message List { optional ListMeta metadata = 1; repeated bytes items = 2; }
message ListMeta {
  required string selfLink = 1; required string resourceVersion = 2; required string continue = 3;
  optional int64 remainingItemCount = 4;
}
message Status {
  optional ListMeta metadata = 1; required string status = 2; required string message = 3; required string reason = 4;
  required int32 code = 6;
}
message ObjectMeta {
  required string name = 1; required string generateName = 2; required string namespace = 3; required string selfLink = 4;
  required string uid = 5; required string resourceVersion = 6; required int64 generation = 7;
  optional Time creationTimestamp = 8; optional Time deletionTimestamp = 9; optional int64 deletionGracePeriodSeconds = 10;
  map<string, string> labels = 11; map<string, string> annotations = 12; repeated OwnerReference ownerReferences = 13;
  repeated string finalizers = 14; repeated ManagedFieldsEntry managedFields = 17;
}
message Time { optional int64 seconds = 1; optional int32 nanos = 2; }
message OwnerReference {
  required string kind = 1; required string name = 3; required string uid = 4; required string apiVersion = 5;
  optional bool controller = 6; optional bool blockOwnerDeletion = 7;
}
message ManagedFieldsEntry {
  required string manager = 1; required string operation = 2; required string apiVersion = 3; optional Time time = 4;
  required string fieldsType = 6; optional FieldsV1 fieldsV1 = 7; required string subresource = 8;
}
message FieldsV1 { optional bytes Raw = 1; }
message Quantity { optional string string = 1; }
message IntOrString { optional int64 type = 1; optional int32 intVal = 2; optional string strVal = 3; }

message Pod { optional ObjectMeta metadata = 1; optional PodSpec spec = 2; optional PodStatus status = 3; }
message PodSpec {
  repeated Volume volumes = 1; repeated Container containers = 2; required string restartPolicy = 3;
  optional int64 terminationGracePeriodSeconds = 4; optional int64 activeDeadlineSeconds = 5; required string dnsPolicy = 6;
  map<string, string> nodeSelector = 7; required string serviceAccountName = 8; required string serviceAccount = 9;
  required string nodeName = 10; required bool hostNetwork = 11; required bool hostPID = 12; required bool hostIPC = 13;
  optional PodSecurityContext securityContext = 14; required string hostname = 16; required string subdomain = 17;
  required string schedulerName = 19; repeated Container initContainers = 20; optional bool automountServiceAccountToken = 21;
  repeated Toleration tolerations = 22; required string priorityClassName = 24; optional int32 priority = 25;
  optional string runtimeClassName = 29; optional bool enableServiceLinks = 30; optional string preemptionPolicy = 31;
  map<string, Quantity> overhead = 32; repeated EphemeralContainer ephemeralContainers = 34;
  repeated PodSchedulingGate schedulingGates = 38; optional ResourceRequirements resources = 40;
}
message PodSchedulingGate { required string name = 1; }
message Volume { required string name = 1; optional VolumeSource volumeSource = 2; }
message VolumeSource {
  optional HostPathVolumeSource hostPath = 1; optional EmptyDirVolumeSource emptyDir = 2;
  optional PersistentVolumeClaimVolumeSource persistentVolumeClaim = 10; optional ConfigMapVolumeSource configMap = 19;
  optional ProjectedVolumeSource projected = 26; optional EphemeralVolumeSource ephemeral = 29;
}
message PersistentVolumeClaimVolumeSource { required string claimName = 1; required bool readOnly = 2; }
message EphemeralVolumeSource { }
message HostPathVolumeSource { required string path = 1; optional string type = 2; }
message EmptyDirVolumeSource { required string medium = 1; optional Quantity sizeLimit = 2; }
message LocalObjectReference { required string name = 1; }
message ConfigMapVolumeSource {
  optional LocalObjectReference localObjectReference = 1; repeated KeyToPath items = 2; optional int32 defaultMode = 3;
}
message KeyToPath { required string key = 1; required string path = 2; optional int32 mode = 3; }
message ProjectedVolumeSource { repeated VolumeProjection sources = 1; optional int32 defaultMode = 2; }
message VolumeProjection {
  optional DownwardAPIProjection downwardAPI = 2; optional ConfigMapProjection configMap = 3;
  optional ServiceAccountTokenProjection serviceAccountToken = 4;
}
message DownwardAPIProjection { repeated DownwardAPIVolumeFile items = 1; }
message DownwardAPIVolumeFile { required string path = 1; optional ObjectFieldSelector fieldRef = 2; }
message ConfigMapProjection { optional LocalObjectReference localObjectReference = 1; repeated KeyToPath items = 2; }
message ServiceAccountTokenProjection { required string audience = 1; optional int64 expirationSeconds = 2; required string path = 3; }
message ObjectFieldSelector { required string apiVersion = 1; required string fieldPath = 2; }
message EphemeralContainer { optional Container ephemeralContainerCommon = 1; required string targetContainerName = 2; }
message Container {
  required string name = 1; required string image = 2; repeated string command = 3; repeated string args = 4;
  required string workingDir = 5; repeated ContainerPort ports = 6; repeated EnvVar env = 7;
  optional ResourceRequirements resources = 8; repeated VolumeMount volumeMounts = 9; optional Probe livenessProbe = 10;
  optional Probe readinessProbe = 11; required string terminationMessagePath = 13; required string imagePullPolicy = 14;
  optional SecurityContext securityContext = 15; required bool stdin = 16; required bool stdinOnce = 17; required bool tty = 18;
  required string terminationMessagePolicy = 20; optional string restartPolicy = 24;
}
message ContainerPort {
  required string name = 1; required int32 hostPort = 2; required int32 containerPort = 3; required string protocol = 4;
  required string hostIP = 5;
}
message EnvVar { required string name = 1; required string value = 2; optional EnvVarSource valueFrom = 3; }
message EnvVarSource { optional ObjectFieldSelector fieldRef = 1; }
message ResourceRequirements { map<string, Quantity> limits = 1; map<string, Quantity> requests = 2; }
message VolumeMount { required string name = 1; required bool readOnly = 2; required string mountPath = 3; required string subPath = 4; }
message Probe {
  optional ProbeHandler handler = 1; required int32 initialDelaySeconds = 2; required int32 timeoutSeconds = 3;
  required int32 periodSeconds = 4; required int32 successThreshold = 5; required int32 failureThreshold = 6;
}
message ProbeHandler { optional HTTPGetAction httpGet = 2; }
message HTTPGetAction { required string path = 1; optional IntOrString port = 2; required string host = 3; required string scheme = 4; }
message SecurityContext {
  optional Capabilities capabilities = 1; optional bool privileged = 2; optional int64 runAsUser = 4; optional bool runAsNonRoot = 5;
  optional bool readOnlyRootFilesystem = 6; optional bool allowPrivilegeEscalation = 7; optional SeccompProfile seccompProfile = 11;
}
message Capabilities { repeated string add = 1; repeated string drop = 2; }
message SeccompProfile { required string type = 1; }
message PodSecurityContext { optional int64 runAsUser = 2; optional bool runAsNonRoot = 3; optional SeccompProfile seccompProfile = 10; }
message Toleration {
  required string key = 1; required string operator = 2; required string value = 3; required string effect = 4;
  optional int64 tolerationSeconds = 5;
}
message PodStatus {
  required string phase = 1; repeated PodCondition conditions = 2; required string message = 3; required string reason = 4;
  required string hostIP = 5; required string podIP = 6; optional Time startTime = 7; repeated ContainerStatus containerStatuses = 8;
  required string qosClass = 9; repeated ContainerStatus initContainerStatuses = 10; required string nominatedNodeName = 11;
  repeated IP podIPs = 12; required string resize = 14; repeated IP hostIPs = 16;
}
message IP { required string ip = 1; }
message PodCondition {
  required string type = 1; required string status = 2; optional Time lastProbeTime = 3; optional Time lastTransitionTime = 4;
  required string reason = 5; required string message = 6;
}
message ContainerStatus {
  required string name = 1; optional ContainerState state = 2; optional ContainerState lastState = 3; required bool ready = 4;
  required int32 restartCount = 5; required string image = 6; required string imageID = 7; required string containerID = 8;
  optional bool started = 9;
}
message ContainerState {
  optional ContainerStateWaiting waiting = 1; optional ContainerStateRunning running = 2; optional ContainerStateTerminated terminated = 3;
}
message ContainerStateWaiting { required string reason = 1; required string message = 2; }
message ContainerStateRunning { optional Time startedAt = 1; }
message ContainerStateTerminated {
  required int32 exitCode = 1; required int32 signal = 2; required string reason = 3; required string message = 4;
  optional Time startedAt = 5; optional Time finishedAt = 6; required string containerID = 7;
}

message Node { optional ObjectMeta metadata = 1; optional NodeSpec spec = 2; optional NodeStatus status = 3; }
message NodeSpec { required string podCIDR = 1; required string externalID = 2; required string providerID = 3; required bool unschedulable = 4;
  repeated Taint taints = 5;
}
message Taint { required string key = 1; required string value = 2; required string effect = 3; }
message NodeStatus {
  map<string, Quantity> capacity = 1; map<string, Quantity> allocatable = 2; required string phase = 3;
  repeated NodeCondition conditions = 4; repeated NodeAddress addresses = 5; optional NodeDaemonEndpoints daemonEndpoints = 6;
  optional NodeSystemInfo nodeInfo = 7; repeated NodeRuntimeHandler runtimeHandlers = 12;
}
message NodeCondition {
  required string type = 1; required string status = 2; optional Time lastHeartbeatTime = 3; optional Time lastTransitionTime = 4;
  required string reason = 5; required string message = 6;
}
message NodeAddress { required string type = 1; required string address = 2; }
message NodeDaemonEndpoints { optional DaemonEndpoint kubeletEndpoint = 1; }
message DaemonEndpoint { required int32 Port = 1; }
message NodeSystemInfo {
  required string machineID = 1; required string systemUUID = 2; required string bootID = 3; required string kernelVersion = 4;
  required string osImage = 5; required string containerRuntimeVersion = 6; required string kubeletVersion = 7;
  required string kubeProxyVersion = 8; required string operatingSystem = 9; required string architecture = 10;
}
message NodeRuntimeHandler { required string name = 1; optional NodeRuntimeHandlerFeatures features = 2; }
message NodeRuntimeHandlerFeatures { optional bool recursiveReadOnlyMounts = 1; optional bool userNamespaces = 2; }
message PersistentVolume { optional ObjectMeta metadata = 1; optional PersistentVolumeSpec spec = 2; optional PersistentVolumeStatus status = 3; }
message PersistentVolumeSpec {
  map<string, Quantity> capacity = 1; optional PersistentVolumeSource persistentVolumeSource = 2; repeated string accessModes = 3;
  optional ObjectReference claimRef = 4; optional string persistentVolumeReclaimPolicy = 5;
}
message PersistentVolumeSource {
  optional HostPathVolumeSource hostPath = 3; optional LocalVolumeSource local = 20; optional CSIPersistentVolumeSource csi = 22;
}
message LocalVolumeSource { required string path = 1; }
message CSIPersistentVolumeSource { required string driver = 1; required string volumeHandle = 2; }
message ObjectReference {
  required string kind = 1; required string namespace = 2; required string name = 3; required string uid = 4; required string apiVersion = 5;
}
message PersistentVolumeStatus { required string phase = 1; }
message Namespace { optional ObjectMeta metadata = 1; optional NamespaceSpec spec = 2; optional NamespaceStatus status = 3; }
message NamespaceSpec { repeated string finalizers = 1; }
message NamespaceStatus { required string phase = 1; }
message RuntimeClass {
  optional ObjectMeta metadata = 1; required string handler = 2; optional Overhead overhead = 3; optional Scheduling scheduling = 4;
}
message Overhead { map<string, Quantity> podFixed = 1; }
message Scheduling { map<string, string> nodeSelector = 1; repeated Toleration tolerations = 2; }
`;
