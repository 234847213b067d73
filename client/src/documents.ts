// Which documents are ours, by their names alone.
//
// The server judges by content and stays silent about what is not its own, so a name that only may be ours stands here
// too; a name that cannot be costs nothing. A conda file under another name that a run configuration points to is
// read by the server from the disk.

import type { TextDocument } from 'vscode';
import { languages } from 'vscode';

const patterns = [
    // conda environments
    '**/*env*.{yml,yaml}',
    '**/*conda*.{yml,yaml}',
    '**/{conda-envs,envs,binder,.binder}/**/*.{yml,yaml}',

    // Azure ML: run configurations and what lies beside them, then jobs
    '**/*.{runconfig,compute}',
    '**/spark_dependencies.{yml,yaml}',
    '**/{aml_config,.azureml}/**/*.{yml,yaml}',
    '**/*{job,pipeline,component,deployment}*.{yml,yaml}',
];

/** The language stays `yaml`, so that highlighting and other YAML extensions keep their place. */
export const selector = patterns.map((pattern) => ({ scheme: 'file', language: 'yaml', pattern }));

export function isOurs(document: TextDocument): boolean {
    return languages.match(selector, document) > 0;
}
