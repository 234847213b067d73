// The life of the server process: started, started again, stopped, one at a time.

import { mkdir } from 'node:fs/promises';

import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { commands, window } from 'vscode';
import type { CloseHandlerResult, ErrorHandler } from 'vscode-languageclient/node';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State } from 'vscode-languageclient/node';

import { selector } from './documents';
import type { Launch, Search } from './find';
import { findServer } from './find';
import { logLines } from './log';
import { thisMachine } from './pythons';
import { Restarts } from './restarts';
import type { SelectedPython } from './selected';
import { initializationOptions, section, wishes } from './settings';
import type { Status } from './status';

/** Whom a server's life concerns. */
export interface Company {
    context: ExtensionContext;
    log: LogOutputChannel;
    trace: LogOutputChannel;
    status: Status;
    selected: SelectedPython;
}

export class Server {
    readonly #company: Company;
    #client: LanguageClient | undefined;
    #launch: Launch | undefined;
    #last: Promise<void> = Promise.resolve();
    #waiting: Promise<void> | undefined;

    constructor(company: Company) {
        this.#company = company;
    }

    /** What runs; undefined while nothing does. */
    get launch(): Launch | undefined {
        return this.#client?.state === State.Running ? this.#launch : undefined;
    }

    /** Starts the server, or another in its place. Who asks while one waits for its turn gets that one. */
    restart(): Promise<void> {
        this.#waiting ??= this.#inTurn(async () => {
            this.#waiting = undefined;
            await this.#stopNow();
            await this.#startNow();
        });
        return this.#waiting;
    }

    stop(): Promise<void> {
        return this.#inTurn(() => this.#stopNow());
    }

    #inTurn(step: () => Promise<void>): Promise<void> {
        this.#last = this.#last.then(step).catch((error: unknown) => this.#company.log.error(String(error)));
        return this.#last;
    }

    async #startNow(): Promise<void> {
        const { status, log } = this.#company;
        status.starting();
        const cwd = await this.#workingFolder();
        const search = await this.#find(cwd);
        search.notes.forEach((note) => log.info(note));
        if (!search.launch) {
            status.stopped('no Python 3.10 or newer that could run it');
            void this.#sayWhatToDo(search);
            return;
        }
        this.#launch = search.launch;
        log.info(`starting ${[search.launch.command, ...search.launch.args].map(quoted).join(' ')}`);
        this.#client = this.#createClient(search.launch, cwd, search.complaint);
        // Should it fail, the language client says so, with a button that leads to the log.
        await this.#client.start();
    }

    async #stopNow(): Promise<void> {
        const client = this.#client;
        this.#client = undefined;
        this.#launch = undefined;
        if (client?.needsStop()) {
            await client.stop().catch((error: unknown) => this.#company.log.warn(String(error)));
        }
    }

    /** A folder of our own for programs to run in: in the workspace, its files might stand in for theirs. */
    async #workingFolder(): Promise<string> {
        const folder = this.#company.context.globalStorageUri.fsPath;
        await mkdir(folder, { recursive: true });
        return folder;
    }

    #find(cwd: string): Promise<Search> {
        const { context, selected } = this.#company;
        return findServer(wishes(), {
            machine: thisMachine,
            extension: context.extensionUri.fsPath,
            cwd,
            selected: () => selected.find(),
        });
    }

    #createClient({ command, args, what, source }: Launch, cwd: string, complaint?: string): LanguageClient {
        const { log, trace, status } = this.#company;
        const client: LanguageClient = new LanguageClient(
            section,
            'envls',
            { command, args, options: { cwd } },
            {
                documentSelector: selector,
                initializationOptions,
                synchronize: { configurationSection: section },
                diagnosticCollectionName: 'envls',
                outputChannel: log,
                traceOutputChannel: trace,
                revealOutputChannelOn: RevealOutputChannelOn.Never,
                stdioOptions: { stderr: logLines, stdout: logLines },
                errorHandler: this.#errorHandler(() => client.state === State.Running),
                // one message is enough, and the client has one
                initializationFailedHandler: () => false,
            },
        );
        client.onDidChangeState(({ newState }) => {
            if (client !== this.#client) {
                return; // its successor speaks
            }
            if (newState === State.Starting) {
                status.starting();
            } else if (newState === State.Running) {
                status.ready(client.initializeResult?.serverInfo?.version, `${what} (${source})`, complaint);
            } else {
                status.stopped('the log says why');
            }
        });
        return client;
    }

    #errorHandler(isRunning: () => boolean): ErrorHandler {
        const restarts = new Restarts();
        return {
            error: (_error, _message, count) => ({
                action: count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
            }),
            closed: (): CloseHandlerResult => {
                // What stops before it is up would do so again.
                if (isRunning() && restarts.allowed()) {
                    return { action: CloseAction.Restart, message: 'the server stopped; starting it again', handled: true };
                }
                if (isRunning()) {
                    void this.#sayItKeepsStopping();
                }
                return { action: CloseAction.DoNotRestart, message: 'the server stopped', handled: true };
            },
        };
    }

    async #sayWhatToDo({ complaint }: Search): Promise<void> {
        const openSettings = 'Open Settings';
        const showLog = 'Show Log';
        const advice =
            'envls found no Python 3.10 or newer that has it. ' +
            'Run `pip install envls` with such a Python, or name one in the setting envls.interpreter.';
        const message = complaint ? `${advice} (${complaint}.)` : advice;
        const choice = await window.showErrorMessage(message, openSettings, showLog);
        if (choice === openSettings) {
            await commands.executeCommand('workbench.action.openSettings', `${section}.interpreter`);
        } else if (choice === showLog) {
            this.#company.log.show();
        }
    }

    async #sayItKeepsStopping(): Promise<void> {
        const restart = 'Restart Server';
        const showLog = 'Show Log';
        const message = 'The envls server keeps stopping and is not started again.';
        const choice = await window.showErrorMessage(message, restart, showLog);
        if (choice === restart) {
            await this.restart();
        } else if (choice === showLog) {
            this.#company.log.show();
        }
    }
}

function quoted(argument: string): string {
    return /^[\w./:\\@%+=-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
