// Fills bundled/libs with what the extension brings along: envls and the pure Python that its server needs, so that any
// Python 3.10 or newer can run it. What asks channels and package indexes is compiled for one machine and stays out:
// where the Python that runs the server has it, it is used; where not, the server says so.
//
// Packages are fetched once and kept until this file or the constraints change. PYTHON names the Python whose pip does
// it; else the one in .venv, else python3.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = [
    'pygls', 'lsprotocol', 'attrs', 'cattrs', 'typing-extensions', 'packaging', 'platformdirs', 'pyyaml',
    // only Python 3.10 needs these two
    'exceptiongroup', 'tomli',
];

const self = fileURLToPath(import.meta.url);
const top = dirname(dirname(self));
const constraints = join(top, '.ci', 'constraints.txt');
const libs = join(top, 'bundled', 'libs');
const stamp = join(top, 'bundled', 'packages');

const print = fingerprint([self, constraints]);
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== print) {
    fetchPackages();
    writeFileSync(stamp, print);
}
copyEnvls();

function fingerprint(files) {
    const hash = createHash('sha256');
    files.forEach((file) => hash.update(readFileSync(file)));
    return hash.digest('hex');
}

function fetchPackages() {
    const fresh = `${libs}.new`;
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    const pins = join(top, 'bundled', 'constraints.txt');
    writeFileSync(pins, pinsForTheOldest(readFileSync(constraints, 'utf8')));
    // Dependencies are named above, not followed.
    const fit = ['--python-version', '3.10', '--only-binary', ':all:', '--no-deps', '--no-compile'];
    const quiet = ['--quiet', '--disable-pip-version-check'];
    const wanted = ['--target', fresh, '--constraint', pins, ...packages];
    execFileSync(python(), ['-m', 'pip', 'install', ...quiet, ...fit, ...wanted], { stdio: 'inherit' });
    removeCompiled(fresh);
    rmSync(libs, { recursive: true, force: true });
    renameSync(fresh, libs);
}

/** The constraints that hold for Python 3.10: pip would read `python_version` as that of the Python it runs on. */
function pinsForTheOldest(text) {
    return text.replace(/^(.*?)\s*;\s*python_version\s*(<|>=)\s*['"]3\.(\d+)['"]\s*$/gm, (_, pin, sign, minor) =>
        10 < Number(minor) === (sign === '<') ? pin : '',
    );
}

function python() {
    const own = [join(top, '.venv', 'bin', 'python'), join(top, '.venv', 'Scripts', 'python.exe')];
    return process.env.PYTHON || own.find(existsSync) || 'python3';
}

/** What is compiled speeds these packages up; each works without. */
function removeCompiled(folder) {
    rmSync(join(folder, 'bin'), { recursive: true, force: true });
    for (const entry of readdirSync(folder, { recursive: true })) {
        if (['.so', '.pyd'].includes(extname(entry))) {
            rmSync(join(folder, entry));
        }
    }
}

function copyEnvls() {
    const to = join(libs, 'envls');
    rmSync(to, { recursive: true, force: true });
    cpSync(join(top, 'envls'), to, { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
}
