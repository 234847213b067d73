// A real VS Code, installed once into the user's cache: the server part of the npm package code-server, without
// code-server's own wrapper. Run by itself, it installs and prints the folder.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '4.100.3'; // of code-server; its VS Code is 1.100.3, which runs on Node 20 and later
const integrity = 'sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';

/** The folder of VS Code, installed where it is missing. */
export function install() {
    const cache = join(userCache(), 'envls-test');
    const folder = join(cache, `vscode-${version}`);
    if (!existsSync(folder)) {
        mkdirSync(cache, { recursive: true });
        const fresh = mkdtempSync(join(cache, 'installing-'));
        try {
            fetchInto(fresh);
            renameSync(join(fresh, 'vscode'), folder);
        } finally {
            rmSync(fresh, { recursive: true, force: true });
        }
    }
    const logger = fileURLToPath(new URL('spdlog.cjs', import.meta.url));
    copyFileSync(logger, join(folder, 'node_modules/@vscode/spdlog/index.js'));
    return folder;
}

function userCache() {
    const { platform, env } = process;
    if (platform === 'darwin') {
        return join(homedir(), 'Library', 'Caches');
    }
    return (platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME) || join(homedir(), '.cache');
}

function fetchInto(folder) {
    const quiet = ['--ignore-scripts', '--loglevel=error'];
    run(folder, 'npm', ['pack', `code-server@${version}`, ...quiet]);
    const archive = `code-server-${version}.tgz`;
    const found = `sha512-${createHash('sha512').update(readFileSync(join(folder, archive))).digest('base64')}`;
    if (found !== integrity) {
        throw new Error(`${archive} is not the one this test was written for: ${found}`);
    }
    run(folder, 'tar', ['-xzf', archive, '--exclude=*.map', 'package/lib/vscode']);
    renameSync(join(folder, 'package/lib/vscode'), join(folder, 'vscode'));
    // its own shrinkwrap holds npm to exact contents; peers are not in it
    run(join(folder, 'vscode'), 'npm', ['ci', '--omit=dev', '--legacy-peer-deps', '--no-audit', '--no-fund', ...quiet]);
}

function run(cwd, program, args) {
    execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    console.log(install());
}
