import { Fault } from '../../domain/snapshot/fault.ts';

/** An answer that broke off: asking again may well succeed, unlike after a refused or unknown host. */
export class CutOff extends Fault {
  constructor(host: string, cause: unknown) {
    super('unreachable', `The API server ${host} cut the answer off.`, { cause });
  }
}

/** A server that is not who it should be, or cannot show it: nothing was asked of it. */
export class Untrusted extends Fault {
  constructor(host: string, cause: Error) {
    const text = `The certificate of the API server ${host} is not trusted: ${cause.message}.`;
    super('unreachable', `${text} Nothing was asked of it: find out who answers there, and whether its certificate must be renewed.`, {
      cause,
    });
  }
}

/** Nobody could sign in: the message says what to do about it. */
export class SignInFault extends Fault {
  constructor(message: string, cause?: unknown) {
    super('unauthenticated', message, { cause });
  }
}

/** The server refused what we showed in the handshake, which is no word on its own certificate. */
const REFUSED_OURS = /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|ACCESS_DENIED)/;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|DEPTH_ZERO/;
const OPENSSL = /^ERR_(SSL|OSSL)/;
const CUT = /^(ECONNRESET|EPIPE|HPE_|ERR_STREAM_PREMATURE_CLOSE)/;

/** Puts into words why no whole answer came. */
export function networkFault(error: unknown, url: URL, abortSignal: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  if (!(error instanceof Error)) throw error;
  if (abortSignal.aborted) return new Fault('timed-out', `The API server ${url.host} did not answer in time.`, { cause: error });
  const code = 'code' in error ? String(error.code) : '';
  if (CUT.test(code) || error.message === 'aborted') return new CutOff(url.host, error);
  if (REFUSED_OURS.test(code)) {
    return new SignInFault(`The API server ${url.host} refuses the client certificate, or wants one and got none: renew it.`, error);
  }
  if (CERTIFICATE.test(code)) return new Untrusted(url.host, error);
  return new Fault('unreachable', `${sentence(code, url, error)}: ${error.message || code}.`, { cause: error });
}

function sentence(code: string, { host, hostname }: URL, error: Error): string {
  if (OPENSSL.test(code)) return `No TLS connection to the API server ${host} comes about`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const name = 'hostname' in error && typeof error.hostname === 'string' ? error.hostname : hostname;
    if (name !== hostname) return `The name ${name} of the proxy that leads to the API server ${host} cannot be resolved`;
    return `The name ${hostname} of the API server cannot be resolved`;
  }
  return `The API server ${host} cannot be reached`;
}
