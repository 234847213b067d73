// Where VS Code enters: sleeps until a document of ours is open.
//
// VS Code has no activation event for a file name. `workspaceContains` would search every folder that is opened, start
// us where nobody opens such a file, and miss a lone `environment.yml`. So every YAML document activates us, and this
// module is all it costs: less than a millisecond, to compare names and look for a folder. The rest is loaded, and the
// server started, with the first document that is ours.

import type { ExtensionContext } from 'vscode';
import { commands, workspace } from 'vscode';

import { isOurs } from './documents';
import type { Session } from './session';

let session: Promise<Session> | undefined;

export function activate(context: ExtensionContext): void {
    const wake = (): Promise<Session> => (session ??= open(context));
    const start = async (): Promise<void> => (await wake()).restart();

    context.subscriptions.push(
        commands.registerCommand('envls.restart', start),
        commands.registerCommand('envls.showLog', async () => (await wake()).showLog()),
    );
    if (workspace.textDocuments.some(isOurs)) {
        void start();
        return;
    }
    const listening = workspace.onDidOpenTextDocument((document) => {
        if (isOurs(document)) {
            listening.dispose();
            void start();
        }
    });
    context.subscriptions.push(listening);
}

async function open(context: ExtensionContext): Promise<Session> {
    const { openSession } = await import('./session.js');
    const opened = openSession(context);
    context.subscriptions.push(opened);
    return opened;
}

export async function deactivate(): Promise<void> {
    await (await session)?.stop();
}
