// Drives a real VS Code on a copy of the bootcamp sample, as one of the scenarios below says. Exits 0 when everything
// was seen. Pictures go to the folder that ENVLS_SCREENSHOTS names.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openWindow } from './page.mjs';
import { start, strangers } from './vscode.mjs';

const { values: given, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        chrome: { type: 'string' }, // the browser's executable
        vsix: { type: 'string' }, // the extension
        sample: { type: 'string' }, // the project; a copy of it is opened
        interpreter: { type: 'string' }, // the setting envls.interpreter
        home: { type: 'string' }, // what the user's home has: .condarc, pip.conf
        result: { type: 'string' }, // where a file goes that was written
    },
});
const pictures = process.env.ENVLS_SCREENSHOTS && resolve(process.env.ENVLS_SCREENSHOTS);
const condaFile = 'aml_config/conda_dependencies.yml';
const jobSchema = 'https://azuremlschemas.azureedge.net/latest/commandJob.schema.json';

const scenarios = {
    /** The whole way of a mistake: squiggle, problem, hover, quick fix, completion, the saved file. */
    async repair() {
        const { code, window } = await open(condaFile);
        const saved = () => readFileSync(join(code.folder, condaFile), 'utf8');
        const before = saved();
        const { right, line, column } = singleEquals(before);

        await window.seeSquiggle('error');
        say('a squiggle');

        const problem = await window.seeProblem(`Ln ${line}, Col`);
        assert.match(problem, /envls.*ENV4\d\d/);
        say(`a problem: ${problem}`);

        const card = await window.hover('dependencies', 'dependencies');
        say(`a hover card: ${card.split('\n')[0]}`);
        await picture(window, 'hover');
        await window.leave();

        await window.goTo(line, column);
        await window.seeLightbulb();
        await window.seeFix('==');
        await picture(window, 'quick-fix');
        await window.takeFix('==');
        await window.seeNoSquiggle('error');
        say('a quick fix');

        await window.goTo(before.split('\n').length, 1);
        await window.type('cha');
        await window.complete('channels');
        say('a completion');

        await window.save();
        await until(() => saved() !== before, 'the file is saved');
        const after = saved();
        assert.equal(after.split('\n')[line - 1], right);
        assert.match(after, /^channels:/m);
        assert(after.startsWith(before.split('\n').slice(0, line - 1).join('\n')), 'what stands before is untouched');
        say('the saved file');

        await window.openFile('docker.runconfig');
        assert.equal(await window.language(), 'YAML');
        assert((await window.coloursOf('Framework')).length > 1, 'a run configuration is coloured as YAML');
        await window.seeSquiggle('error');
        const run = await window.hover('Target', 'Target');
        assert.match(run, /Interpreter/);
        await picture(window, 'run');
        say(`a run configuration, coloured and checked: ${run.split('\n')[0]}`);
        checkLog(code.log(), /the setting envls.interpreter/);
    },

    /** From an empty file to a pinned environment: letters, completions that are taken, quick fixes. */
    async made() {
        const { code, window } = await open('environment.yml', {
            scale: 2,
            settings: { 'envls.offline': false, 'editor.autoIndent': 'full', 'editor.lightbulb.enabled': 'off' },
            prepare: (folder) => writeFileSync(join(folder, 'environment.yml'), ''),
            environment: (home) => {
                cpSync(given.home, home, { recursive: true });
                return { ...strangers(home), PIP_CONFIG_FILE: join(home, 'pip.conf') };
            },
        });
        await window.command('View: Toggle Primary Side Bar Visibility');
        await window.focusEditor();
        const top = { x: 48, y: 0, width: 1000, height: 350 };

        await window.suggest('co', 'conda environment');
        await window.takeMarked('conda environment');
        await window.seeLine('- python=3.12');
        await window.type('forecast');
        await window.nextStop();
        await window.nextStop();
        say('a snippet');

        await window.suggest('nu', /numpy.*conda-forge/);
        await window.seeDetails('2.3.4');
        await picture(window, 'names', top);
        await window.takeMarked('numpy');
        await window.suggest('>=', '1.26.4');
        await window.suggest('1.26', '1.26.4');
        await window.takeMarked('1.26');
        await window.suggest(',', '<2');
        await picture(window, 'range', top);
        await window.takeMarked('<2');
        await window.endLine('- numpy>=1.26,<2');
        say('a range');

        await window.suggest('- pandsa', 'pandas');
        await window.dismiss();
        await window.endLine('- pandsa');
        await window.suggest('- scikit-l', 'scikit-learn');
        await window.takeMarked('scikit-learn');
        await window.seeSquiggle('error');
        await window.goTo(7, 8);
        await window.seeFix('Write `pandas`');
        await picture(window, 'slip', top);
        await window.takeFix('Write `pandas`');
        await window.seeLine('- pandas');
        await window.seeNoSquiggle('error');
        say('a slip, mended');

        await window.goTo(8, 17);
        await window.endLine('- scikit-learn');
        await window.suggest('- pip', 'pip');
        await window.takeMarked(/^\s*pip(?!:)/);
        await window.endLine('- pip');
        await window.suggest('- pip', 'pip:');
        await window.takeMarked('pip:');
        await window.seeLine('- pip:');
        await window.suggest('uvi', 'uvicorn');
        await window.takeMarked('uvicorn');
        await window.suggest('[', 'standard');
        await window.takeMarked('standard');
        await window.type(']');
        await window.suggest('==', '0.38.0');
        await window.takeMarked('0.38.0');
        await window.suggest(';', 'python_version');
        await window.suggest(' sys', 'sys_platform');
        await window.takeMarked('sys_platform');
        await window.seeSuggestion('!=');
        await picture(window, 'marker', top);
        await window.takeMarked('==');
        await window.takeMarked('linux');
        await window.seeLine('- uvicorn[standard]==0.38.0; sys_platform == "linux"');
        say('a pip section');

        await window.goTo(4, 3);
        await window.seeFix('Pin all to the newest versions that fit');
        await window.takeFix('Pin all to the newest versions that fit');
        await window.seeLine('- numpy=1.26.4');
        for (const severity of ['error', 'warning', 'info', 'hint']) {
            await window.seeNoSquiggle(severity);
        }
        await window.save();
        const saved = () => readFileSync(join(code.folder, 'environment.yml'), 'utf8');
        await until(() => saved() !== '', 'the file is saved');
        await window.seeLinksOfNames();
        await picture(window, 'pinned', top);
        writeFileSync(given.result, saved());
        checkLog(code.log(), /the setting envls.interpreter/);
    },

    /** Without settings, the envls that the extension brings along runs on a Python of this machine. */
    async bundled() {
        const { code, window } = await open(condaFile);
        await window.seeSquiggle('error');
        say('a squiggle');
        const card = await window.hover('azureml-requirements', 'not known');
        assert.doesNotMatch(card, /internal/);
        say(`a hover card without a network: ${card}`);
        checkLog(code.log(), /bundled/);
    },

    /** A file of any name is what a run configuration says that it is, also when it is the only one that is open. */
    async pointed() {
        const { code, window } = await open('deps/train_reqs.yml', {
            prepare: (folder) => {
                mkdirSync(join(folder, 'deps'));
                writeFileSync(join(folder, 'deps/train_reqs.yml'), 'dependencies:\n  - python=3.6\n  - numpy >=1 <2\n');
                const run = join(folder, 'aml_config/docker.runconfig');
                const pointing = readFileSync(run, 'utf8').replace(/aml_config\/conda_dependencis/, 'deps/train_reqs');
                writeFileSync(run, pointing);
            },
        });
        await window.seeSquiggle('error');
        assert.match(await window.seeProblem('Ln 3, Col'), /envls.*ENV301/);
        say('a problem in a file of an odd name');
        checkLog(code.log(), /bundled/);
    },

    /** A conda file says who uses it, and follows them when it gets another name. */
    async together() {
        const { code, window } = await open(condaFile, {
            prepare: (folder) => {
                const run = join(folder, 'aml_config/docker.runconfig');
                writeFileSync(run, readFileSync(run, 'utf8').replace('dependencis', 'dependencies'));
            },
        });
        const used = await window.seeLens('used by');
        assert.match(used, /^used by docker\.runconfig$/m);
        await picture(window, 'lens-conda');
        const places = await window.followLens('used by');
        assert.match(places, /^docker\.runconfig .*\(1\)/, 'other files only name it');
        await picture(window, 'lens-places');
        await window.leave();
        say(`a lens that leads to ${places}`);

        await window.openFile('docker.runconfig');
        say(`a lens: ${await window.seeLens('packages from aml_config/conda_dependencies.yml')}`);
        await picture(window, 'lens-run');

        await window.renameFile('conda_dependencies.yml', 'docker_packages.yml');
        await window.openFile('docker.runconfig');
        await window.seeLens('packages from aml_config/docker_packages.yml');
        await window.save();
        const run = join(code.folder, 'aml_config/docker.runconfig');
        await until(() => readFileSync(run, 'utf8').includes('"aml_config/docker_packages.yml"'), 'it follows');
        await picture(window, 'lens-renamed');
        say('a renamed file that its run configuration follows');

        await window.openFile('localenv_conda_dependencies.yml');
        say(`a lens: ${await window.seeLens('differs from docker_packages.yml')}`);
        await window.focusEditor();
        await window.seeFix('Compare with');
        await window.takeFix('Compare with');
        const compared = await window.seeComparison();
        assert.match(compared, /docker_packages\.yml ↔ localenv_conda_dependencies\.yml/);
        await picture(window, 'compared');
        say(`two files side by side: ${compared}`);
        checkLog(code.log(), /bundled/);
    },

    /** At the end of its lines a file shows what its environment and its lock have instead; and what was installed since. */
    async drifted() {
        let records;
        const { code, window } = await open('environment.yml', {
            prepare: (folder) => {
                const lines = ['python=3.11', 'numpy=2.1', 'matplotlib', 'pandas>=2', 'scipy', 'rich'];
                const listed = lines.map((line) => `  - ${line}\n`).join('');
                writeFileSync(join(folder, 'environment.yml'), `name: drifted\nchannels:\n  - conda-forge\ndependencies:\n${listed}`);
                const lock = ['python 3.11.9', 'numpy 1.26.4', 'matplotlib 3.9.1', 'pandas 2.2.2', 'scipy 1.13.1'];
                writeFileSync(join(folder, 'conda-lock.yml'), lockOf('environment.yml', lock));
            },
            environment: (home) => {
                records = join(home, '.conda/envs/drifted/conda-meta');
                mkdirSync(records, { recursive: true });
                for (const name of ['python-3.11.9', 'numpy-1.26.4', 'matplotlib-3.9.2', 'pandas-2.2.2', 'scipy-1.13.1']) {
                    writeFileSync(join(records, `${name}-py311_0.json`), '{}');
                }
                return strangers(home);
            },
        });
        for (const [line, hint] of [
            ['numpy=2.1', 'installed 1.26.4'],
            ['matplotlib', '3.9.2 installed · locked 3.9.1'],
            ['scipy', '1.13.1 installed'],
            ['rich', 'not installed · not locked'],
        ]) {
            say(`a hint: ${await window.seeHint(line, hint)}`);
        }
        await window.seeSquiggle('warning'); // the lock
        await picture(window, 'hints');

        // as conda does it in a terminal, outside of the workspace
        renameSync(join(records, 'numpy-1.26.4-py311_0.json'), join(records, 'numpy-2.0.1-py311_0.json'));
        writeFileSync(join(records, 'history'), '==> now <==\n');
        say(`what was installed since: ${await window.seeHint('numpy=2.1', 'installed 2.0.1')}`);
        checkLog(code.log(), /bundled/);
    },

    /** What a file consists of: the outline, the way to the caret, colours of their own for the parts of a spec, folds. */
    async structure() {
        const { code, window } = await open('environment.yml', {
            settings: { 'breadcrumbs.enabled': true, 'envls.formatting': true, 'files.trimTrailingWhitespace': false },
            prepare: (folder) => {
                const conda = ['python >=3.10,<3.13', 'conda-forge::numpy=1.26=py310_0', '"scipy[version=\'>=1.2\'  ]"'];
                const pip = ["torch[dev]==2.0;   python_version < '3.12'", '-r requirements.txt', 'git+https://example.com/a/b.git@v1'];
                const lines = [...conda, 'pip', `pip:\n${pip.map((one) => `      - ${one}`).join('\n')}`];
                const listed = lines.map((line) => `  - ${line}\n`).join('');
                writeFileSync(
                    join(folder, 'environment.yml'),
                    `name:   structure\nchannels:\n  - conda-forge\n  - https://repo.prefix.dev/mine\n# what\n# it needs\ndependencies:\n${listed}`,
                );
            },
        });
        await until(() => /starting/.test(code.log()), 'the server starts');
        const colours = await window.seeColours('numpy', 5);
        say(`the parts of a spec in ${colours.length} colours`);
        await window.goTo(9, 24);
        const outline = await window.seeOutline('torch');
        assert.match(outline, /dependencies.*python ?>=3\.10,<3\.13.*numpy ?=1\.26=py310_0 · conda-forge.*pip.*torch ?\[dev\]==2\.0/);
        say(`an outline: ${outline}`);
        say(`the way to the caret: ${await window.seeBreadcrumbs('numpy')}`);
        await picture(window, 'structure');
        await window.focusEditor();
        await window.command('Fold All');
        await window.seeFolded('channels');
        await picture(window, 'folded');
        await window.command('Unfold All');

        const saved = () => readFileSync(join(code.folder, 'environment.yml'), 'utf8');
        const formatted = () => /^name: structure$/m.test(saved()) && saved().includes('==2.0; python_version');
        await insist(formatted, 'it is formatted', async () => {
            await window.command('Format Document');
            await window.save(); // on a slow machine that may be before the edits have come
        });
        assert.match(saved(), /^# what\n# it needs$/m);
        say('a file that is formatted because somebody asked for it');
        checkLog(code.log(), /bundled/);
    },

    /** A YAML file that is not ours wakes the extension, and the extension does nothing. */
    async asleep() {
        const { code, window } = await open('other.yml', {
            prepare: (folder) => {
                writeFileSync(join(folder, 'other.yml'), 'a: 1\n');
                writeFileSync(join(folder, 'train.yml'), `$schema: ${jobSchema}\ncommand: python -V\ncomand: a\n`);
                renameSync(join(folder, 'aml_config'), join(folder, 'settings')); // no project of Azure ML
            },
        });
        say(await window.seeRunningExtension('envls'));
        assert.equal(code.log(), '');
        await window.openFile('train.yml');
        await window.seeSquiggle('error');
        say('the first file that is ours, a job of any name, starts the server');
    },

    /** Where no Python is found, one message says what to do, and says it once. */
    async lost() {
        const { code, window } = await open(condaFile, {
            environment: (home) => ({ ...strangers(home), PATH: home }),
        });
        assert.match(await window.seeMessage('envls'), /3\.10.*envls\.interpreter/);
        await picture(window, 'lost');
        await window.openFile('localenv_conda_dependencies.yml');
        assert.equal(code.log().match(/starting|stopped/g), null);
        assert.equal(await window.countMessages(), 1);
    },
};

let code;
let window;
try {
    const scenario = scenarios[positionals[0]];
    assert(scenario, `which scenario? ${Object.keys(scenarios).join(', ')}`);
    await scenario();
    say('done');
} catch (error) {
    process.exitCode = 1;
    console.error(error);
    console.error(`\n--- the extension's log\n${code?.log()}\n--- VS Code\n${code?.output()}`);
    await picture(window, 'failed');
} finally {
    await window?.close();
    await code?.stop();
}

/** Opens a file of the sample, in an environment that does not depend on who runs the test. */
async function open(file, { settings = {}, scale, ...special } = {}) {
    code = await start({
        sample: given.sample,
        vsix: given.vsix,
        environment: strangers,
        settings: {
            'envls.offline': true,
            'editor.autoIndent': 'none',
            'editor.hover.delay': 100,
            'editor.wordBasedSuggestions': 'off',
            'workbench.reduceMotion': 'on',
            // so that a picture shows the whole sample
            'breadcrumbs.enabled': false,
            'editor.minimap.enabled': false,
            'editor.scrollBeyondLastLine': false,
            'editor.stickyScroll.enabled': false,
            ...settings,
        },
        // where settings that name programs belong: the user's may arrive after the extension has started
        machineSettings: given.interpreter ? { 'envls.interpreter': resolve(given.interpreter) } : {},
        ...special,
    });
    window = await openWindow({ chrome: given.chrome, address: code.address(file), say, scale });
    return { code, window };
}

/** The pip line with one `=`: where that stands, counted from 1, and what the line is to say. */
function singleEquals(text) {
    const lines = text.split('\n');
    const pip = lines.findIndex((line) => /^\s*- pip:/.test(line));
    const at = lines.findIndex((line, number) => number > pip && /^\s*- [\w-]+=[\w.]+$/.test(line));
    assert(pip >= 0 && at >= 0, 'the sample has a pip line with a single =');
    return { line: at + 1, column: lines[at].indexOf('=') + 1, right: lines[at].replace('=', '==') };
}

/** What conda-lock writes: packages of one platform, made from one file. */
function lockOf(source, packages) {
    const items = packages.map((item) => item.split(' ')).map(([name, version]) =>
        [`- name: ${name}`, `  version: ${version}`, '  manager: conda', '  platform: linux-64', '  dependencies: {}',
            `  url: https://conda.anaconda.org/conda-forge/linux-64/${name}-${version}-py311_0.conda`].join('\n'));
    const head = `version: 1\nmetadata:\n  channels:\n  - url: conda-forge\n  platforms:\n  - linux-64\n  sources:\n  - ${source}\n`;
    return `${head}package:\n${items.join('\n')}\n`;
}

/** The log tells which server was started, and of no error. */
function checkLog(log, which) {
    assert.match(log, which);
    const worst = log.split('\n').filter((line) => /\[error\]|Traceback/.test(line));
    assert.deepEqual(worst, [], 'the log has no errors');
}

async function picture(window, name, clip) {
    if (pictures && window) {
        mkdirSync(pictures, { recursive: true });
        await window.screenshot(join(pictures, `${name}.png`), clip);
    }
}

/** Makes a gesture again until what it is for is so. */
async function insist(holds, what, gesture) {
    for (const end = Date.now() + 90_000; !holds(); ) {
        assert(Date.now() < end, `not in time: ${what}`);
        await gesture();
        await until(holds, what, 5_000).catch(() => {});
    }
}

async function until(holds, what, patience = 90_000) {
    for (const end = Date.now() + patience; !holds(); ) {
        assert(Date.now() < end, `not in time: ${what}`);
        await new Promise((next) => setTimeout(next, 50));
    }
}

function say(message) {
    console.log(`${process.uptime().toFixed(1).padStart(6)} s  ${message}`);
}
