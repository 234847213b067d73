// The interpreter that the user has selected in the Python extension, if there is one.
//
// A courtesy, never a condition: without that extension, or while it is slow to wake, the search goes on.

import type { Disposable, Event, Uri } from 'vscode';
import { EventEmitter, extensions } from 'vscode';

import type { Candidate } from './pythons';

/** The part of the Python extension's API that we use. */
interface PythonApi {
    readonly environments: {
        getActiveEnvironmentPath(): { readonly path: string };
        resolveEnvironment(of: { readonly path: string }): Promise<{ executable: { uri: Uri | undefined } } | undefined>;
        readonly onDidChangeActiveEnvironmentPath: Event<unknown>;
    };
}

const patience = 3000; // milliseconds

export class SelectedPython implements Disposable {
    static readonly source = 'the Python extension';

    readonly #changed = new EventEmitter<void>();
    readonly onDidChange = this.#changed.event;
    #listening: Disposable | undefined;

    async find(): Promise<Candidate | undefined> {
        const extension = extensions.getExtension<PythonApi>('ms-python.python');
        if (!extension) {
            return undefined;
        }
        const ask = async (): Promise<Candidate | undefined> => {
            const { environments } = await extension.activate();
            this.#listening ??= environments.onDidChangeActiveEnvironmentPath(() => this.#changed.fire());
            const found = await environments.resolveEnvironment(environments.getActiveEnvironmentPath());
            const command = found?.executable.uri?.fsPath;
            return command ? { command, source: SelectedPython.source } : undefined;
        };
        const giveUp = new Promise<undefined>((resolve) => setTimeout(resolve, patience, undefined));
        return Promise.race([ask().catch(() => undefined), giveUp]);
    }

    dispose(): void {
        this.#listening?.dispose();
        this.#changed.dispose();
    }
}
