// A session of a real VS Code: a copy of a project, an extension, settings, and the server that a browser can open.
//
// It needs no network. What a session writes stays in a folder of its own, which its end removes.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { install } from './install.mjs';

const patience = 90_000; // milliseconds

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
 * Starts VS Code on a copy of the folder `sample`, with the extension `vsix` installed.
 *
 * `settings` are the user's, `machineSettings` those of scope machine; `environment` gets a folder that may serve as
 * home and returns the variables that VS Code and all it starts see; `prepare` may change the copy before.
 */
export async function start({ sample, vsix, settings, machineSettings, environment, prepare }) {
    const home = mkdtempSync(join(tmpdir(), 'envls-editor-'));
    const code = new Code(home);
    try {
        cpSync(sample, code.folder, { recursive: true });
        prepare?.(code.folder);
        code.configure({ ...userSettings, ...settings }, machineSettings ?? {});
        await code.begin(vsix, environment?.(home) ?? process.env);
        return code;
    } catch (error) {
        await code.stop();
        throw error;
    }
}

/** The environment with another home, and without what tells of the user's Pythons, pip and conda. */
export function strangers(home) {
    const telling = /^(CONDA|MAMBA|PIP|PYTHON|XDG|VIRTUAL_ENV|HOME$|USERPROFILE$|LOCALAPPDATA$)/;
    const kept = Object.entries(process.env).filter(([name]) => !telling.test(name));
    return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, LOCALAPPDATA: home };
}

class Code {
    #home;
    #data;
    #output;
    #origin;
    #token = randomBytes(16).toString('hex');
    #server;

    constructor(home) {
        this.#home = home;
        this.#data = join(home, 'data');
        this.#output = join(home, 'vscode.out');
    }

    /** The copy of the project. */
    get folder() {
        return join(this.#home, 'project');
    }

    configure(user, machine) {
        for (const [scope, settings] of Object.entries({ User: user, Machine: machine })) {
            const file = join(this.#data, scope, 'settings.json');
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, JSON.stringify(settings, null, 2));
        }
    }

    async begin(vsix, env) {
        const common = [
            join(install(), 'out', 'server-main.js'),
            ...['--server-data-dir', join(this.#home, 'server')],
            ...['--user-data-dir', this.#data],
            ...['--extensions-dir', join(this.#home, 'extensions')],
        ];
        execFileSync(process.execPath, [...common, '--install-extension', vsix, '--force'], { env });

        const port = await freePort();
        const output = openSync(this.#output, 'a');
        this.#origin = `http://127.0.0.1:${port}`;
        this.#server = spawn(
            process.execPath,
            [
                ...common,
                ...['--host', '127.0.0.1', '--port', String(port), '--connection-token', this.#token],
                ...['--accept-server-license-terms', '--telemetry-level', 'off'],
                '--force-disable-user-env', // the environment is ours, not that of a login shell
            ],
            // a process group of its own: the extension host and the language server end with it
            { env, stdio: ['ignore', output, output], detached: true },
        );
        await this.#listening();
    }

    async #listening() {
        for (const end = Date.now() + patience; Date.now() < end && !hasEnded(this.#server); ) {
            const answer = await fetch(`${this.#origin}/version`).catch(() => undefined);
            if (answer?.ok) {
                return;
            }
            await new Promise((next) => setTimeout(next, 100));
        }
        throw new Error(`VS Code did not start:\n${this.output()}`);
    }

    /** The address of the folder with a file of it open; it carries the token. */
    address(file) {
        const { host } = new URL(this.#origin);
        const payload = [['openFile', `vscode-remote://${host}${join(this.folder, file)}`]];
        const query = { tkn: this.#token, folder: this.folder, payload: JSON.stringify(payload) };
        return `${this.#origin}/?${new URLSearchParams(query)}`;
    }

    /** What the extension's log says so far. */
    log() {
        const logs = join(this.#data, 'logs');
        const files = existsSync(logs) ? readdirSync(logs, { recursive: true }) : [];
        return files
            .filter((file) => /envls[^/\\]*\.log$/.test(file))
            .map((file) => readFileSync(join(logs, file), 'utf8'))
            .join('');
    }

    /** What VS Code itself has written. */
    output() {
        return readFileSync(this.#output, 'utf8');
    }

    async stop() {
        if (this.#server) {
            await end(this.#server);
        }
        rmSync(this.#home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
}

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

function hasEnded(server) {
    return server.exitCode !== null || server.signalCode !== null;
}

async function end(server) {
    const ended = hasEnded(server) ? Promise.resolve() : once(server, 'exit');
    signal(server, 'SIGTERM');
    const enough = new Promise((resolve) => setTimeout(resolve, 5000).unref());
    await Promise.race([ended, enough]);
    signal(server, 'SIGKILL'); // whoever of the group is still there
}

function signal(server, name) {
    try {
        process.kill(-server.pid, name);
    } catch {
        // the whole group has ended
    }
}
