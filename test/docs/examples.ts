import { spawn } from 'node:child_process';

/** A command of a page and the position of the output after it. */
interface Example {
  readonly command: string;
  /** The ends of the output's fence and of the output. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'json' | 'text';
}

const BLOCK = /```sh\n([\s\S]*?)\n```\n\n```(json|text)\n([\s\S]*?)```/g;
const SEPARATOR = '\u001e';

/** The examples of a page: each command block with the output block after it. */
export function examplesOf(page: string): readonly Example[] {
  return [...page.matchAll(BLOCK)].map((match) => {
    const [whole, command = '', kind, output = ''] = match;
    const to = match.index + whole.length - '```'.length;
    return { command, from: to - output.length, to, kind: kind === 'json' ? 'json' : 'text' };
  });
}

/** Runs the commands of a page in order in one shell, and returns the output of each; fails at the first failure. */
export async function runExamples(commands: readonly string[], prelude: string, folder: string): Promise<readonly string[]> {
  const script = [prelude, ...commands.map((command) => `${command}\nprintf '${SEPARATOR}'`)].join('\n');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  const outputs = out.split(SEPARATOR);
  if (code !== 0)
    throw new Error(`Example ${outputs.length} ended with ${String(code)}: ${commands[outputs.length - 1]}\n${outputs.at(-1)}\n${err}`);
  return outputs.slice(0, -1);
}

/** The page with the outputs in their places: JSON formatted, everything else unchanged. */
export function withOutputs(page: string, examples: readonly Example[], outputs: readonly string[]): string {
  let text = '';
  let at = 0;
  for (const [index, { from, to, kind }] of examples.entries()) {
    const output = outputs[index] ?? '';
    text += `${page.slice(at, from)}${kind === 'json' ? JSON.stringify(JSON.parse(output), null, 2) : output.trimEnd()}\n`;
    at = to;
  }
  return text + page.slice(at);
}
