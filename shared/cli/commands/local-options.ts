import { Option } from '@commander-js/extra-typings';
import { portOf } from '../frame/options.ts';

/** `--port PORT`. */
export const PORT = new Option('--port <port>', 'port of the API').argParser(portOf).default(7071);
