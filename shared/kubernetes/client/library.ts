/*
 * What is used of the Kubernetes client library. It is loaded only where a call needs it, and from here: a bundle then leaves
 * out the rest of its generated API, which is most of it.
 */
export {
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  Observable,
  ResponseContext,
  wrapHttpLibrary,
} from '@kubernetes/client-node';
