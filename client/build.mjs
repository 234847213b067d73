// Builds the client into client/dist: extension.js, which every YAML document loads; session.js, which only ours need;
// and the licences of what is in them. With --tests it builds the tests instead, a file each, into client/dist/test.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const client = dirname(fileURLToPath(import.meta.url));
const top = dirname(client);
const dist = join(client, 'dist');

const common = {
    absWorkingDir: top,
    bundle: true,
    platform: 'node',
    target: 'node20', // that of VS Code 1.91
    format: 'cjs',
    logLevel: 'warning',
};

if (process.argv.includes('--tests')) {
    const tests = (await readdir(join(client, 'test'))).map((name) => join(client, 'test', name));
    await rm(join(dist, 'test'), { recursive: true, force: true });
    await build({ ...common, entryPoints: tests, outdir: join(dist, 'test'), sourcemap: 'inline' });
} else {
    const { metafile } = await build({
        ...common,
        entryPoints: [join(client, 'src', 'extension.ts'), join(client, 'src', 'session.ts')],
        outdir: dist,
        external: ['vscode', './session.js'],
        supported: { 'dynamic-import': false }, // becomes a require, which finds `vscode`
        minify: true,
        metafile: true,
    });
    await writeFile(join(dist, 'licenses.txt'), await licenses(Object.keys(metafile.inputs)));
}

/** The licences of the packages that these files come from. */
async function licenses(files) {
    const packages = new Set(files.flatMap((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
    const texts = [...packages].sort().map(async (folder) => {
        const { name, version } = JSON.parse(await readFile(join(top, folder, 'package.json'), 'utf8'));
        const license = (await readdir(join(top, folder))).find((file) => /^licen[cs]e/i.test(basename(file)));
        if (!license) {
            throw new Error(`${name} ${version} brings no licence`);
        }
        return `${name} ${version}\n\n${await readFile(join(top, folder, license), 'utf8')}`;
    });
    return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
