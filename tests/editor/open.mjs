// Builds the extension, opens a copy of the bootcamp sample in a real VS Code in the browser with it, and prints the
// address. It listens on this machine alone, and the address carries a token. Runs until Ctrl+C.

import { execFileSync } from 'node:child_process';
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
        // without it what the extension brings along runs
        interpreter: { type: 'string', default: join(top, '.venv', 'bin', 'python') },
    },
});

console.log('building the extension and starting VS Code ...');
execFileSync('npm', ['run', '--silent', 'package'], { cwd: top, stdio: ['ignore', 'ignore', 'inherit'] });
const code = await start({
    sample: given.sample,
    vsix: join(top, 'envls.vsix'),
    machineSettings: existsSync(given.interpreter) ? { 'envls.interpreter': resolve(given.interpreter) } : {},
});
console.log(`
VS Code with envls is open on a copy of the sample:

    ${code.address(given.file)}

Open that address in a browser on this machine. Ctrl+C ends it.`);

await new Promise((end) => ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach((signal) => process.on(signal, end)));
await code.stop();
