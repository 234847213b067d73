import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Machine } from '../src/pythons';
import { ask, isRecent, onPath, ownPythons, thisMachine } from '../src/pythons';

const python = onPath('python3', thisMachine) ?? onPath('python', thisMachine);

/** A machine on which these programs are. */
function machine(platform: NodeJS.Platform, env: Machine['env'], ...programs: string[]): Machine {
    const home = platform === 'win32' ? 'C:\\Users\\ada' : '/home/ada';
    return { platform, env, home, isExecutable: (path) => programs.includes(path) };
}

function commands(on: Machine): string[] {
    return ownPythons(on).map(({ command }) => command);
}

test("conda's base comes before PATH", () => {
    const env = { PATH: '/usr/local/bin:/usr/bin', CONDA_EXE: '/srv/conda/condabin/conda' };
    const programs = ['/usr/bin/python3', '/srv/conda/bin/python', '/home/ada/miniforge3/bin/python'];
    assert.deepEqual(commands(machine('linux', env, ...programs)), [
        '/srv/conda/bin/python',
        '/home/ada/miniforge3/bin/python',
        '/usr/bin/python3',
    ]);
});

test('a Python that several ways lead to is asked once', () => {
    const env = { PATH: '/opt/conda/bin', CONDA_PYTHON_EXE: '/opt/conda/bin/python' };
    assert.deepEqual(commands(machine('linux', env, '/opt/conda/bin/python')), ['/opt/conda/bin/python']);
});

test('on Windows there are other folders, and a launcher', () => {
    const env = { Path: 'C:\\Windows;C:\\Python312', LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' };
    const programs = [
        'C:\\Windows\\py.exe',
        'C:\\Python312\\python.exe',
        'C:\\Users\\ada\\AppData\\Local\\miniconda3\\python.exe',
    ];
    assert.deepEqual(commands(machine('win32', env, ...programs)), [
        'C:\\Users\\ada\\AppData\\Local\\miniconda3\\python.exe',
        'C:\\Python312\\python.exe',
        'C:\\Windows\\py.exe',
    ]);
});

test("Homebrew's conda is found", () => {
    const base = '/opt/homebrew/Caskroom/miniforge/base/bin/python';
    assert.deepEqual(commands(machine('darwin', {}, base)), [base]);
});

test('a relative folder of PATH is not looked into', () => {
    assert.equal(onPath('python3', machine('linux', { PATH: '.:bin' }, 'python3', 'bin/python3', './python3')), undefined);
});

test('3.10 is recent, 3.9 and 2.7 are not', () => {
    const recent = ([major, minor]: [number, number]): boolean =>
        isRecent({ source: '', executable: '', version: [major, minor], hasEnvls: false, hasIndexes: false });
    assert.deepEqual([recent([3, 10]), recent([3, 9]), recent([2, 7]), recent([4, 0])], [true, false, false, true]);
});

test('a Python says what it is, and nothing of the folder it runs in', { skip: !python }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'envls-'));
    writeFileSync(join(folder, 'json.py'), 'raise SystemExit("taken from the folder")');
    writeFileSync(join(folder, 'envls.py'), '');
    const answer = await ask({ command: python as string, source: 'PATH' }, folder);
    assert('version' in answer);
    assert.equal(answer.version[0], 3);
});

test('what is no Python says why not', async () => {
    const program = join(mkdtempSync(join(tmpdir(), 'envls-')), 'python');
    writeFileSync(program, '#!/bin/sh\necho "Python was not found" >&2\nexit 9\n');
    chmodSync(program, 0o755);
    const answer = await ask({ command: program, source: 'PATH' }, tmpdir());
    assert.deepEqual(answer, { source: 'PATH', command: program, reason: 'Python was not found' });
});
