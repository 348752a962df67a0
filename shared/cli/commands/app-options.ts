import { Option } from '@commander-js/extra-typings';

/** `--url URL`. */
export const URL_OPTION = new Option('--url <url>', 'address of the app').env('KATAUDIT_URL').default('http://127.0.0.1:7071');

/** `--key KEY`. */
export const KEY = new Option('--key <key>', 'access key of the app').env('KATAUDIT_KEY');

/** `--key-file FILE`. */
export const KEY_FILE = new Option('--key-file <file>', 'file that holds the access key');
