import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Place, Search } from '../src/find';
import { choose, findServer } from '../src/find';
import type { Python } from '../src/pythons';
import { onPath, thisMachine } from '../src/pythons';

const python = onPath('python3', thisMachine) ?? onPath('python', thisMachine) ?? '';
const nothing = { path: '', interpreter: '' };

function found(name: string, what: Partial<Python> = {}): Python {
    return { source: name, executable: `/${name}`, version: [3, 12], hasEnvls: false, hasIndexes: false, ...what };
}

/** A place without any Python, and without what an extension brings along. */
function emptyPlace(): Place {
    const folder = mkdtempSync(join(tmpdir(), 'envls-'));
    const machine = { ...thisMachine, env: {}, home: folder, isExecutable: (path: string) => path === python };
    return { machine, extension: folder, cwd: folder, selected: async () => undefined };
}

function withBundle(place: Place): Place {
    mkdirSync(join(place.extension, 'bundled', 'libs', 'envls'), { recursive: true });
    return place;
}

function command({ result }: Search): string {
    return 'command' in result ? [result.command, ...result.args].join(' ') : result.advice;
}

test('what the extension brings along comes first', () => {
    const launch = choose([found('has-it', { hasEnvls: true })], '/libs', '/bin/envls');
    assert.equal(launch?.what, 'bundled, on Python 3.12');
});

test('it runs where indexes can be asked, if such a Python is found', () => {
    assert.equal(choose([found('plain'), found('rich', { hasIndexes: true })], '/libs', undefined)?.command, '/rich');
    assert.equal(choose([found('plain'), found('other')], '/libs', undefined)?.command, '/plain');
});

test("the project's own Python, too old, is passed over", () => {
    const project = found('project', { version: [3, 6], hasEnvls: true, hasIndexes: true });
    assert.equal(choose([project, found('own')], '/libs', undefined)?.command, '/own');
    assert.equal(choose([project], '/libs', undefined), undefined);
});

test('with nothing brought along, a Python that has envls runs it, then envls on PATH', () => {
    const pythons = [found('plain'), found('has-it', { hasEnvls: true })];
    assert.deepEqual(choose(pythons, undefined, '/bin/envls')?.args, ['-I', '-m', 'envls', 'server']);
    assert.equal(choose([found('plain')], undefined, '/bin/envls')?.command, '/bin/envls');
});

test('the setting envls.path comes before all others', { skip: !python }, async () => {
    const search = await findServer({ path: python, interpreter: '/elsewhere' }, withBundle(emptyPlace()));
    assert.equal(command(search), `${python} server`);
});

test('the setting envls.interpreter may name a Python without envls, where there is a bundle', { skip: !python }, async () => {
    assert.match(command(await findServer({ path: '', interpreter: python }, withBundle(emptyPlace()))), /libs server$/);
});

test('a setting that names no program is complained about', async () => {
    const search = await findServer({ path: '', interpreter: '/no/such/python' }, emptyPlace());
    assert.match(search.complaint ?? '', /envls\.interpreter names \/no\/such\/python/);
});

test('a relative path in a setting is looked for nowhere', async () => {
    const place = { ...emptyPlace(), machine: { ...thisMachine, env: {}, isExecutable: () => true } };
    assert.match((await findServer({ path: 'bin/envls', interpreter: '' }, place)).complaint ?? '', /no program/);
});

test('where nothing is found, the advice says what is missing', async () => {
    assert.match(command(await findServer(nothing, emptyPlace())), /`pip install envls`.*envls\.interpreter/);
    assert.match(command(await findServer(nothing, withBundle(emptyPlace()))), /Install one.*envls\.interpreter/);
});

test('the selected interpreter is asked only when the settings name none', { skip: !python }, async () => {
    let asked = 0;
    const selected = async () => ((asked += 1), { command: python, source: 'the Python extension' });
    await findServer({ path: python, interpreter: '' }, { ...emptyPlace(), selected });
    assert.equal(asked, 0);
    const search = await findServer(nothing, { ...withBundle(emptyPlace()), selected });
    assert.deepEqual([asked, 'source' in search.result && search.result.source], [1, 'the Python extension']);
});
