import { spawn } from 'node:child_process';

/** The outcome of a step. */
export interface Step {
  readonly what: string;
  readonly code: number;
  readonly output: string;
}

/** Runs a line in a shell and waits for its end, with any exit code. */
export function runLine(cwd: string, line: string, environment: Readonly<Record<string, string>>): Promise<Step> {
  return new Promise((done, fail) => {
    const child = spawn(line, { cwd, env: environment, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    child.on('error', fail);
    child.on('close', (code) => done({ what: line, code: code ?? 1, output }));
  });
}
