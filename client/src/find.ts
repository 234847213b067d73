// Which server to start.
//
// In this order: what the settings name; the envls that this extension brings along, in any recent Python; a recent
// Python that has envls; an `envls` on PATH. The Python of the project is often older than envls needs: it is asked
// when the editor has it selected, and never needed.

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import type { Candidate, Machine, NoPython, Python } from './pythons';
import { ask, isRecent, onPath, ownPythons } from './pythons';

/** What the user's settings name; empty when they name nothing. */
export interface Wishes {
    path: string;
    interpreter: string;
}

export interface Launch {
    command: string;
    args: string[];
    /** What runs, in a few words for the status. */
    what: string;
    /** Who named it. */
    source: string;
}

export interface Search {
    /** Either what to start, or what the user can do so that there is something. */
    result: Launch | Advice;
    /** What was looked at, a line each, for the log. */
    notes: string[];
    /** What the settings ask for and cannot have. */
    complaint?: string | undefined;
}

export interface Advice {
    advice: string;
}

export interface Place {
    machine: Machine;
    /** The folder of this extension. */
    extension: string;
    /** The folder that programs run in; not the workspace. */
    cwd: string;
    /** The interpreter that the editor has selected. Asked only when the settings name no server. */
    selected(): Promise<Candidate | undefined>;
}

export async function findServer(wishes: Wishes, place: Place): Promise<Search> {
    const libs = join(place.extension, 'bundled', 'libs');
    const bundle = existsSync(join(libs, 'envls')) ? libs : undefined;

    const wished = await grant(wishes, place, bundle);
    if (wished && 'launch' in wished) {
        return { result: wished.launch, notes: wished.notes };
    }
    const candidates = [await place.selected(), ...ownPythons(place.machine)].filter((some) => some !== undefined);
    const answers = await Promise.all(candidates.map((candidate) => ask(candidate, place.cwd)));
    const pythons = answers.filter((answer) => 'version' in answer);
    const complaint = wished?.refusal;
    return {
        result: choose(pythons, bundle, onPath('envls', place.machine)) ?? { advice: whatToDo(bundle) },
        notes: [...(complaint ? [complaint] : []), ...answers.map(describe)],
        complaint,
    };
}

function whatToDo(bundle: string | undefined): string {
    const name = 'name one in the setting envls.interpreter';
    return bundle
        ? `envls found no Python 3.10 or newer to run on. Install one, or ${name}.`
        : `envls found no Python 3.10 or newer that has it. Run \`pip install envls\` with such a Python, or ${name}.`;
}

/** What the settings name, or why they cannot have it; undefined when they name nothing. */
async function grant(
    wishes: Wishes,
    { machine, cwd }: Place,
    bundle: string | undefined,
): Promise<{ launch: Launch; notes: string[] } | { refusal: string } | undefined> {
    if (wishes.path) {
        const source = 'the setting envls.path';
        const command = located(wishes.path, machine);
        return command
            ? { launch: { command, args: ['server'], what: command, source }, notes: [] }
            : { refusal: `${source} names ${wishes.path}, which is no program on this machine` };
    }
    if (wishes.interpreter) {
        const source = 'the setting envls.interpreter';
        const command = located(wishes.interpreter, machine);
        if (!command) {
            return { refusal: `${source} names ${wishes.interpreter}, which is no program on this machine` };
        }
        const python = await ask({ command, source }, cwd);
        if (!('version' in python)) {
            return { refusal: `${source} names ${command}, which is no Python that we can run: ${python.reason}` };
        }
        if (!isRecent(python)) {
            return { refusal: `${source} names Python ${python.version.join('.')}, and envls needs 3.10 or newer` };
        }
        if (python.hasEnvls || bundle) {
            const launch = python.hasEnvls ? runInstalled(python) : runBundled(python, bundle as string);
            return { launch, notes: [describe(python)] };
        }
        return { refusal: `${source} names a Python that has no envls: ${command}` };
    }
    return undefined;
}

/** A full path as it is, `~` and all; a bare name from PATH. What is relative to some folder is not looked for. */
function located(wish: string, machine: Machine): string | undefined {
    if (!/[\\/]/.test(wish)) {
        return onPath(wish, machine);
    }
    const path = wish.replace(/^~(?=[\\/])/, machine.home);
    return isAbsolute(path) && machine.isExecutable(path) ? path : undefined;
}

/** The best of what was found without the settings' help. */
export function choose(
    pythons: Python[],
    bundle: string | undefined,
    executable: string | undefined,
): Launch | undefined {
    const recent = pythons.filter(isRecent);
    // With what asks indexes at hand, what we bring along knows about packages, too.
    const host = recent.find((python) => python.hasIndexes) ?? recent[0];
    if (bundle && host) {
        return runBundled(host, bundle);
    }
    const owner = recent.find((python) => python.hasEnvls);
    if (owner) {
        return runInstalled(owner);
    }
    return executable
        ? { command: executable, args: ['server'], what: executable, source: 'envls on PATH' }
        : undefined;
}

// Isolated mode (-I) keeps the workspace, PYTHONPATH and the user's own packages off sys.path; site-packages stays.
// What we bring along comes first, so that the packages of a foreign Python never stand in for ours.
const bundledMain = `
import sys
sys.path.insert(0, sys.argv.pop(1))
from envls.__main__ import main
sys.exit(main())
`;

function runBundled(python: Python, bundle: string): Launch {
    return {
        command: python.executable,
        args: ['-I', '-c', bundledMain, bundle, 'server'],
        what: `bundled, on Python ${python.version.join('.')}`,
        source: python.source,
    };
}

function runInstalled(python: Python): Launch {
    return {
        command: python.executable,
        args: ['-I', '-m', 'envls', 'server'],
        what: `Python ${python.version.join('.')}`,
        source: python.source,
    };
}

function describe(answer: Python | NoPython): string {
    if (!('version' in answer)) {
        return `${answer.source}: ${answer.command} cannot be used: ${answer.reason}`;
    }
    const has = answer.hasEnvls ? 'has envls' : 'has no envls';
    const verdict = isRecent(answer) ? has : 'is too old, envls needs 3.10 or newer';
    return `${answer.source}: ${answer.executable}, Python ${answer.version.join('.')}, ${verdict}`;
}
