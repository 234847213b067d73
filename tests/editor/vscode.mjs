// A real VS Code on this machine: the server part of the npm package code-server, without code-server's own wrapper.
//
// Installed once into the user's cache; after that nothing here needs a network. What a session writes stays in a
// folder of its own.

import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '4.100.3'; // of code-server; its VS Code is 1.100.3, which runs on Node 20
const integrity = 'sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';

const userCache =
    process.platform === 'win32' ? process.env.LOCALAPPDATA
    : process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches')
    : process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

/** The folder of VS Code, installed where it is missing. */
export function install() {
    const cache = join(userCache, 'envls-test');
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
    copyFileSync(fileURLToPath(new URL('spdlog.cjs', import.meta.url)), join(folder, 'node_modules/@vscode/spdlog/index.js'));
    return folder;
}

function fetchInto(folder) {
    const run = (program, args, cwd) =>
        execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    const quiet = ['--ignore-scripts', '--loglevel=error'];
    run('npm', ['pack', `code-server@${version}`, ...quiet], folder);
    const archive = `code-server-${version}.tgz`;
    const found = `sha512-${createHash('sha512').update(readFileSync(join(folder, archive))).digest('base64')}`;
    if (found !== integrity) {
        throw new Error(`${archive} is not the one this test was written for: ${found}`);
    }
    run('tar', ['-xzf', archive, '--exclude=*.map', 'package/lib/vscode'], folder);
    renameSync(join(folder, 'package/lib/vscode'), join(folder, 'vscode'));
    // its own shrinkwrap holds npm to exact contents; peers are not in it
    run('npm', ['ci', '--omit=dev', '--legacy-peer-deps', '--no-audit', '--no-fund', ...quiet], join(folder, 'vscode'));
}

// A quiet editor that does one thing at a time.
const userSettings = {
    'chat.disableAIFeatures': true,
    'extensions.autoCheckUpdates': false,
    'extensions.autoUpdate': false,
    'extensions.ignoreRecommendations': true,
    'files.autoSave': 'off',
    'git.enabled': false,
    'remote.autoForwardPorts': false,
    'security.workspace.trust.enabled': false,
    'telemetry.telemetryLevel': 'off',
    'update.mode': 'none',
    'window.commandCenter': false,
    'workbench.editor.empty.hint': 'hidden',
    'workbench.enableExperiments': false,
    'workbench.layoutControl.enabled': false,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.startupEditor': 'none',
    'workbench.tips.enabled': false,
};

/**
 * Starts VS Code on a copy of a folder, with an extension installed.
 *
 * `settings` are the user's, `machineSettings` those of scope machine; `environment` gets a folder that may serve as
 * home and returns the variables that VS Code and all it starts see; `prepare` may change the copy before.
 */
export async function start({
    sample,
    vsix,
    settings = {},
    machineSettings = {},
    environment = () => process.env,
    prepare = () => {},
}) {
    const main = join(install(), 'out', 'server-main.js');
    const home = mkdtempSync(join(tmpdir(), 'envls-editor-'));
    const folder = join(home, 'project');
    const data = join(home, 'data');
    cpSync(sample, folder, { recursive: true });
    prepare(folder);
    write(join(data, 'User', 'settings.json'), { ...userSettings, ...settings });
    write(join(data, 'Machine', 'settings.json'), machineSettings);

    const common = [
        main,
        ...['--server-data-dir', join(home, 'server')],
        ...['--user-data-dir', data],
        ...['--extensions-dir', join(home, 'extensions')],
    ];
    const env = environment(home);
    execFileSync(process.execPath, [...common, '--install-extension', vsix, '--force'], { env });

    const port = await freePort();
    const token = randomBytes(16).toString('hex');
    const output = join(home, 'vscode.out');
    const stream = openSync(output, 'a');
    const server = spawn(
        process.execPath,
        [
            ...common,
            ...['--host', '127.0.0.1', '--port', String(port), '--connection-token', token],
            ...['--accept-server-license-terms', '--telemetry-level', 'off'],
            '--force-disable-user-env', // the environment is ours, not that of a login shell
        ],
        // a process group of its own: the extension host and the language server end with it
        { env, stdio: ['ignore', stream, stream], detached: true },
    );
    const origin = `http://127.0.0.1:${port}`;
    await listening(`${origin}/version`, server, output);

    return {
        folder,
        /** The address of the folder with a file of it open; it carries the token. */
        address(file) {
            const payload = [['openFile', `vscode-remote://127.0.0.1:${port}${join(folder, file)}`]];
            const query = new URLSearchParams({ tkn: token, folder, payload: JSON.stringify(payload) });
            return `${origin}/?${query}`;
        },
        /** What the extension's log says so far. */
        log() {
            const logs = join(data, 'logs');
            const files = existsSync(logs) ? readdirSync(logs, { recursive: true }) : [];
            return files
                .filter((file) => /envls[^/\\]*\.log$/.test(file))
                .map((file) => readFileSync(join(logs, file), 'utf8'))
                .join('');
        },
        output: () => readFileSync(output, 'utf8'),
        async stop() {
            await end(server);
            rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
        },
    };
}

function write(file, settings) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, JSON.stringify(settings, null, 2));
}

/** The environment with another home, and without what tells of the user's Pythons, pip and conda. */
export function strangers(home) {
    const telling = /^(CONDA|MAMBA|PIP|PYTHON|XDG|VIRTUAL_ENV|HOME$|USERPROFILE$|LOCALAPPDATA$)/;
    const kept = Object.entries(process.env).filter(([name]) => !telling.test(name));
    return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, LOCALAPPDATA: home };
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

async function listening(address, server, output) {
    while (server.exitCode === null) {
        const answer = await fetch(address).catch(() => undefined);
        if (answer?.ok) {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`VS Code did not start:\n${readFileSync(output, 'utf8')}`);
}

async function end(server) {
    const ended = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : Promise.resolve();
    signal(server, 'SIGTERM');
    const patience = new Promise((resolve) => setTimeout(resolve, 5000).unref());
    await Promise.race([ended, patience]);
    signal(server, 'SIGKILL'); // whoever of the group is still there
}

function signal(server, name) {
    try {
        process.kill(-server.pid, name);
    } catch {
        // the whole group has ended
    }
}
