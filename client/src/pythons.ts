// Where a Python may be on this machine, and what a found one is.
//
// Knows nothing of the editor. Nothing here runs with the workspace as its folder: a file of the workspace
// must never be what runs.

import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** A command that may start a Python, and who named it, as a person would say it. */
export interface Candidate {
    command: string;
    args?: string[];
    source: string;
}

export interface Python {
    source: string;
    /** Its own full path, behind every launcher and shim. */
    executable: string;
    version: [major: number, minor: number];
    hasEnvls: boolean;
    /** Whether it has what asks channels and package indexes. */
    hasIndexes: boolean;
}

/** A candidate that is no Python, or does not answer. */
export interface NoPython {
    source: string;
    command: string;
    reason: string;
}

/** What a search depends on, so that a test can say it. */
export interface Machine {
    platform: NodeJS.Platform;
    env: Record<string, string | undefined>;
    home: string;
    isExecutable(path: string): boolean;
}

export const thisMachine: Machine = {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    isExecutable(path) {
        try {
            accessSync(path, constants.X_OK);
            return statSync(path).isFile();
        } catch {
            return false;
        }
    },
};

export function isRecent(python: Python): boolean {
    const [major, minor] = python.version;
    return major > 3 || (major === 3 && minor >= 10);
}

/** The full path of a program on PATH. Relative folders of PATH are left out: they would mean the folder we run in. */
export function onPath(name: string, machine: Machine): string | undefined {
    const isWindows = machine.platform === 'win32';
    const paths = isWindows ? win32 : posix;
    const variable = Object.keys(machine.env).find((key) => (isWindows ? key.toUpperCase() : key) === 'PATH');
    const folders = (variable && machine.env[variable])?.split(paths.delimiter) ?? [];
    return folders
        .filter((folder) => paths.isAbsolute(folder))
        .map((folder) => paths.join(folder, isWindows ? `${name}.exe` : name))
        .find((path) => machine.isExecutable(path));
}

/** The Pythons of this machine that no project owns: conda's base, then those on PATH. */
export function ownPythons(machine: Machine): Candidate[] {
    const candidates = [
        ...condaBases(machine).map((command) => ({ command, source: "conda's base" })),
        ...['python3', 'python'].flatMap((name) => {
            const command = onPath(name, machine);
            return command ? [{ command, source: `${name} on PATH` }] : [];
        }),
    ];
    const launcher = machine.platform === 'win32' ? onPath('py', machine) : undefined;
    if (launcher) {
        candidates.push({ command: launcher, args: ['-3'], source: 'the Python launcher' } as Candidate);
    }
    return candidates.filter(({ command }, at) => candidates.findIndex((other) => other.command === command) === at);
}

function condaBases({ platform, env, home, isExecutable }: Machine): string[] {
    const isWindows = platform === 'win32';
    const { dirname, join } = isWindows ? win32 : posix;
    const pythonIn = (base: string): string => (isWindows ? join(base, 'python.exe') : join(base, 'bin', 'python'));

    const names = ['miniforge3', 'miniconda3', 'mambaforge', 'anaconda3'];
    const parents = isWindows ? [home, env['LOCALAPPDATA'], env['ProgramData']] : [home, '/opt'];
    const casks = ['/opt/homebrew/Caskroom', '/usr/local/Caskroom'];
    const bases = [
        // `conda` itself lies in bin, condabin or Scripts, one level below the base
        ...(env['CONDA_EXE'] ? [dirname(dirname(env['CONDA_EXE']))] : []),
        ...parents.flatMap((parent) => (parent ? names.map((name) => join(parent, name)) : [])),
        ...(platform === 'darwin' ? casks.flatMap((cask) => names.map((name) => join(cask, trimmed(name), 'base'))) : []),
        ...(isWindows ? [] : ['/opt/conda']),
    ];
    const told = env['CONDA_PYTHON_EXE'];
    return [...(told ? [told] : []), ...bases.map(pythonIn)].filter(isExecutable);
}

/** Homebrew leaves the 3 off: Caskroom/miniforge. */
function trimmed(name: string): string {
    return name.replace(/3$/, '');
}

// Runs on Pythons long out of support as well: one that is too old is to say so.
const question = `
import json, sys
from importlib.util import find_spec
def has(*names): return all(find_spec(name) is not None for name in names)
print(json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:2]),
    "hasEnvls": has("envls"),
    "hasIndexes": has("rattler", "pypi_simple"),
}))
`;

/**
 * Asks a candidate what it is, in isolated mode: neither PYTHON* variables nor the user's own packages count, as
 * they will not when it runs the server.
 */
export function ask(candidate: Candidate, cwd: string): Promise<Python | NoPython> {
    const { command, args = [], source } = candidate;
    return new Promise((resolve) => {
        const options = { cwd, timeout: 10_000, windowsHide: true };
        execFile(command, [...args, '-I', '-c', question], options, (error, stdout, stderr) => {
            try {
                if (error) {
                    throw error;
                }
                resolve({ source, ...(JSON.parse(stdout) as Omit<Python, 'source'>) });
            } catch {
                resolve({ source, command, reason: whyNot(error, stderr) });
            }
        });
    });
}

function whyNot(error: (Error & { killed?: boolean }) | null, stderr: string): string {
    if (error?.killed) {
        return 'it does not answer';
    }
    return stderr.trim().split('\n').pop() || error?.message || 'it answers something else than a Python does';
}
