// Everything that exists once a document of ours is open: the log, the status, the server, and what makes it start anew.

import type { Disposable, ExtensionContext } from 'vscode';
import { workspace } from 'vscode';

import { openLog, traceView } from './log';
import { SelectedPython } from './selected';
import { Server } from './server';
import { wishes } from './settings';
import { Status } from './status';

export interface Session extends Disposable {
    restart(): Promise<void>;
    stop(): Promise<void>;
    showLog(): void;
}

export function openSession(context: ExtensionContext): Session {
    const log = openLog();
    const trace = traceView(log);
    const status = new Status();
    const selected = new SelectedPython();
    const server = new Server({ context, log, trace, status, selected });

    let wished = JSON.stringify(wishes());
    const parts: Disposable[] = [
        workspace.onDidChangeConfiguration(() => {
            const before = wished;
            wished = JSON.stringify(wishes());
            if (wished !== before) {
                void server.restart();
            }
        }),
        // The server hears of trust once, when it starts.
        workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
        selected.onDidChange(() => {
            if (!server.launch || server.launch.source === SelectedPython.source) {
                void server.restart();
            }
        }),
        selected,
        status,
        trace,
        log,
    ];
    return {
        restart: () => server.restart(),
        stop: () => server.stop(),
        showLog: () => log.show(),
        dispose: () => parts.forEach((part) => part.dispose()),
    };
}
