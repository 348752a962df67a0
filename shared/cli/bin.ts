#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

/** What `kataudit` is when it is installed: it says in one sentence that Node is too old, before anything newer is loaded. */
const OLDEST: readonly [number, number] = [22, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  // The space for new objects stays at its first megabyte: what a long list leaves behind is collected at once, which costs no time.
  setFlagsFromString('--semi-space-growth-factor=1');
  await import('./main.ts');
} else {
  console.error(
    `kataudit: Node ${OLDEST.join('.')} or newer is needed, and this is ${process.versions.node}: install a supported one from https://nodejs.org/en/download.`,
  );
  process.exitCode = 2;
}
