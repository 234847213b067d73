// Which documents are ours.
//
// The server sees every YAML file: it judges by content and by what the project's other files point to, costs a file that
// is not its own next to nothing, and stays silent about it. But it is not started for just any YAML file. What starts it
// is a name that may be ours, a schema of Azure ML in the first lines, or a folder where run configurations give names of
// all kinds a meaning.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { TextDocument } from 'vscode';
import { languages, Range, workspace } from 'vscode';

const firstLines = 30;

const patterns = [
    // conda environments
    '**/*env*.{yml,yaml}',
    '**/*conda*.{yml,yaml}',
    '**/{conda-envs,envs,binder,.binder}/**/*.{yml,yaml}',

    // Azure ML: run configurations and what lies beside them, then jobs
    '**/*.{runconfig,compute}',
    '**/*runconfig*.{yml,yaml}',
    '**/spark_dependencies.{yml,yaml}',
    '**/{aml_config,.azureml}/**/*.{yml,yaml}',
    '**/*{job,pipeline,component,deployment}*.{yml,yaml}',
];

/** Run configurations of SDK v1 need no extension, so that the editor may take them for plain text; others are JSON. */
const anyLanguage = ['**/{aml_config,.azureml}/*', '**/{azureml_environment,inference*config*}.json'].map((pattern) => ({
    scheme: 'file',
    pattern,
}));

/** What the server sees. The language stays `yaml`, so that highlighting and other YAML extensions keep their place. */
export const selector = [{ scheme: 'file', language: 'yaml' }, ...anyLanguage];

/** What may be ours by its name alone. */
export const named = [...patterns.map((pattern) => ({ scheme: 'file', language: 'yaml', pattern })), ...anyLanguage];

export function isOurs(document: TextDocument): boolean {
    if (languages.match(named, document) > 0) {
        return true;
    }
    return languages.match(selector, document) > 0 && (beginsAsJob(document) || isInProject(document));
}

/** Whether a document names a schema of Azure ML CLI v2, as jobs and their like do whatever they are called. */
function beginsAsJob(document: TextDocument): boolean {
    return /\$schema"?\s*:.*azuremlschemas/.test(document.getText(new Range(0, 0, firstLines, 0)));
}

/** Whether a document lies in a workspace folder of Azure ML, whose files may point to it. */
function isInProject(document: TextDocument): boolean {
    const folder = workspace.getWorkspaceFolder(document.uri);
    return folder !== undefined && ['aml_config', '.azureml'].some((name) => existsSync(join(folder.uri.fsPath, name)));
}
