// What the user has set, as the client and the server need it.

import { workspace } from 'vscode';

import type { Wishes } from './find';

export const section = 'envls';

/** The command of a lens, which the server names only to a client that has it: the protocol has none that lists places. */
export const showReferences = 'envls.showReferences';

/** The command of an action that shows two files side by side, for the same reason. */
export const compareFiles = 'envls.compareFiles';

/** Which server the user wants. VS Code leaves out what an untrusted workspace says: package.json restricts both. */
export function wishes(): Wishes {
    const settings = workspace.getConfiguration(section);
    return {
        path: settings.get('path', '').trim(),
        interpreter: settings.get('interpreter', '').trim(),
    };
}

/** VS Code's own command that opens completion again after an item; its relatives have it too, whatever they are called. */
const triggerSuggest = 'editor.action.triggerSuggest';

/** What the server is to know from its first message on; later it asks for the section itself. */
export function initializationOptions(): object {
    const settings = workspace.getConfiguration(section);
    const names = ['offline', 'trustedHosts', 'select', 'ignore', 'severity'];
    return {
        settings: {
            ...Object.fromEntries(names.map((name) => [name, settings.get(name)])),
            trusted: workspace.isTrusted,
        },
        commands: [showReferences, compareFiles, triggerSuggest],
    };
}

export type Trace = 'off' | 'messages' | 'verbose';

export function trace(): Trace {
    return workspace.getConfiguration(section).get<Trace>('trace.server', 'off');
}
