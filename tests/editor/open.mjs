// Opens a copy of the bootcamp sample in a real VS Code in the browser, with the extension installed, and prints the
// address. It listens on this machine alone, and the address carries a token. Runs until Ctrl+C.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { start } from './vscode.mjs';

const top = fileURLToPath(new URL('../..', import.meta.url));
const { values: given } = parseArgs({
    options: {
        sample: { type: 'string', default: join(top, 'examples', 'hello_bootcamp') },
        file: { type: 'string', default: 'aml_config/conda_dependencies.yml' },
        vsix: { type: 'string', default: join(top, 'envls.vsix') },
        // without it what the extension brings along runs
        interpreter: { type: 'string', default: join(top, '.venv', 'bin', 'python') },
    },
});

const code = await start({
    sample: given.sample,
    vsix: given.vsix,
    machineSettings: existsSync(given.interpreter) ? { 'envls.interpreter': resolve(given.interpreter) } : {},
});
console.log(`
VS Code with envls is open on a copy of the sample:

    ${code.address(given.file)}

Open that address in a browser on this machine. Ctrl+C ends it.`);

await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
await code.stop();
