import { Fault } from '../../domain/snapshot/fault.ts';

/** A response that was cut off; a retry may succeed, unlike for an unknown host or a refused connection. */
export class CutOff extends Fault {
  constructor(host: string, cause: unknown) {
    super('unreachable', `The API server ${host} closed the connection during the response.`, { cause });
  }
}

/** A server whose certificate is not trusted; no request was sent to it. */
export class Untrusted extends Fault {
  constructor(host: string, cause: Error) {
    const text = `The certificate of the API server ${host} is not trusted: ${cause.message}.`;
    super('unreachable', `${text} No request was sent: check which server answers there, and whether its certificate must be renewed.`, {
      cause,
    });
  }
}

/** The user could not be authenticated; the message says what to do. */
export class SignInFault extends Fault {
  constructor(message: string, cause?: unknown) {
    super('unauthenticated', message, { cause });
  }
}

/** The server refused the client's certificate in the handshake, which says nothing about the server's own. */
const REFUSED_OURS = /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|ACCESS_DENIED)/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|DEPTH_ZERO/;
const OPENSSL = /^ERR_(SSL|OSSL)/;
const CUT = /^(ECONNRESET|EPIPE|HPE_|ERR_STREAM_PREMATURE_CLOSE)/;

/** Converts an error of a request without a complete response into a `Fault`. */
export function networkFault(error: unknown, url: URL, abortSignal: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (!(error instanceof Error)) throw error;
  if (abortSignal.aborted) return new Fault('timed-out', `The API server ${url.host} did not answer in time.`, { cause: error });
  const code = 'code' in error ? String(error.code) : '';
  if (CUT.test(code) || error.message === 'aborted') return new CutOff(url.host, error);
  if (REFUSED_OURS.test(code)) {
    return new SignInFault(`The API server ${url.host} refuses the client certificate, or requires one: renew it.`, error);
  }
  if (CERTIFICATE.test(code)) return new Untrusted(url.host, error);
  return new Fault('unreachable', `${sentence(code, url, error)}: ${error.message || code}.`, { cause: error });
}

function sentence(code: string, { host, hostname }: URL, error: Error): string {
  if (OPENSSL.test(code)) return `No TLS connection to the API server ${host} can be established`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const name = 'hostname' in error && typeof error.hostname === 'string' ? error.hostname : hostname;
    if (name !== hostname) return `The name ${name} of the proxy for the API server ${host} cannot be resolved`;
    return `The name ${hostname} of the API server cannot be resolved`;
  }
  return `The API server ${host} cannot be reached`;
}
