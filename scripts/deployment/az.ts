import { spawn } from 'node:child_process';
import { EnvironmentProblem } from './environment.ts';

/** The result of a run of the Azure CLI. */
export interface AzResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the Azure CLI with these arguments; resolves for any exit code, rejects when the program does not exist. */
export type Az = (words: readonly string[]) => Promise<AzResult>;

/** The Azure CLI of this machine; its errors are passed on to the user unchanged. */
export function realAz(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Az {
  return (words) =>
    new Promise((done, fail) => {
      const { file, given, shell } = commandLine(platform, words);
      const child = spawn(file, given, { env: environment, shell, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += String(chunk);
      });
      child.stderr.on('data', (chunk) => {
        stderr += String(chunk);
      });
      child.on('error', (cause) => fail(new EnvironmentProblem(`The Azure CLI (az) cannot be started: ${cause.message}`, { cause })));
      child.on('close', (code) => done({ code: code ?? 1, stdout, stderr }));
    });
}

/** On Windows az is a cmd script, which Node can start only by a shell, so each word is quoted for the shell. */
export function commandLine(platform: NodeJS.Platform, words: readonly string[]) {
  if (platform !== 'win32') return { file: 'az', given: [...words], shell: false };
  const odd = words.find((word) => /["%!\r\n]/.test(word));
  if (odd !== undefined) throw new Error(`${JSON.stringify(odd)} cannot be passed to az on Windows.`);
  return { file: 'az', given: words.map((word) => `"${word}"`), shell: true };
}

/** The message of Azure's error: the innermost message of the JSON that az prints, or its last line. */
export function reasonOf({ stderr }: AzResult): string {
  const messages = [...stderr.matchAll(/"message":\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (messages.at(-1) ?? lines.at(-1) ?? 'az failed and printed no reason').replace(/^ERROR: /, '').slice(0, 500);
}
