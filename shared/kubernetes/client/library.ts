/*
 * The used part of the Kubernetes client library. It is loaded only when a call needs it, and only through this file, so that
 * a bundle omits the rest of its generated API, which is most of it.
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
