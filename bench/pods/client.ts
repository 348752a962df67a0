import { processStatusMiB } from '../process-status.ts';
import { CLIENTS } from './clients.ts';

/* One measured run: `client.ts NAME URL`, alone in its process. Prints its time, CPU time and memory as one line of JSON. */

const [name = '', url = ''] = process.argv.slice(2);

function isClient(text: string): text is keyof typeof CLIENTS {
  return Object.hasOwn(CLIENTS, text);
}

/** The kernel's maximum for this program; `resourceUsage` would include the parent's memory from before this program was loaded. */
const peakRssMiB = () => processStatusMiB('VmHWM') ?? process.resourceUsage().maxRSS / 1024;

if (!isClient(name)) throw new Error(`There is no client ${JSON.stringify(name)}.`);
const measured = await CLIENTS[name](url);
const began = performance.now();
const cpuBefore = process.cpuUsage();
const seen = await measured();
const wallMs = performance.now() - began;
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(`${JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, peakRssMiB: peakRssMiB(), ...seen })}\n`);
process.exit(0);
