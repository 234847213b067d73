// The life of the server process: started, started again, stopped, one at a time.

import { mkdir } from 'node:fs/promises';

import type { ExtensionContext, LogOutputChannel } from 'vscode';
import { commands, window } from 'vscode';
import type { CloseHandlerResult, ErrorHandler, Location, Position } from 'vscode-languageclient/node';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State } from 'vscode-languageclient/node';

import { selector } from './documents';
import type { Advice, Launch, Search } from './find';
import { findServer } from './find';
import { logLines } from './log';
import { thisMachine } from './pythons';
import { Restarts } from './restarts';
import type { SelectedPython } from './selected';
import { compareFiles, initializationOptions, section, showReferences, wishes } from './settings';
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
        company.context.subscriptions.push(
            commands.registerCommand(showReferences, (...places: [string, Position, Location[]]) => this.#show(...places)),
            commands.registerCommand(compareFiles, (...files: [string, string, string]) => this.#compare(...files)),
        );
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
        const { result, notes, complaint } = await this.#find(cwd);
        notes.forEach((note) => log.info(note));
        if ('advice' in result) {
            status.stopped('no Python that could run it');
            this.#advise(result, complaint);
            return;
        }
        this.#launch = result;
        log.info(`starting ${[result.command, ...result.args].map(quoted).join(' ')}`);
        this.#client = this.#createClient(result, cwd, complaint);
        await this.#client.start().catch(() => void this.#say('The envls server does not start.', {}));
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
        const client: LanguageClient = new QuietClient(
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
                initializationFailedHandler: () => false, // told by whoever started it
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

    /** Lists places, as an editor lists references; VS Code's own command wants its own types. */
    async #show(uri: string, position: Position, places: Location[]): Promise<void> {
        const convert = this.#client?.protocol2CodeConverter;
        if (convert) {
            const there = await convert.asReferences(places);
            const here = [convert.asUri(uri), convert.asPosition(position)];
            await commands.executeCommand('editor.action.showReferences', ...here, there);
        }
    }

    /** Shows two files side by side; VS Code's own command wants its own types. */
    async #compare(left: string, right: string, title: string): Promise<void> {
        const convert = this.#client?.protocol2CodeConverter;
        if (convert) {
            await commands.executeCommand('vscode.diff', convert.asUri(left), convert.asUri(right), title);
        }
    }

    #errorHandler(isRunning: () => boolean): ErrorHandler {
        const restarts = new Restarts();
        let hasRun = false;
        return {
            error: (_error, _message, count) => ({
                action: count !== undefined && count <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
            }),
            closed: (): CloseHandlerResult => {
                // What stops before it is up would do so again.
                const again = isRunning() && restarts.allowed();
                hasRun ||= isRunning();
                if (again) {
                    return { action: CloseAction.Restart, message: 'the server stopped; starting it again', handled: true };
                }
                if (hasRun) {
                    void this.#say('The envls server keeps stopping and is not started again.', {
                        'Restart Server': () => this.restart(),
                    });
                }
                return { action: CloseAction.DoNotRestart, message: 'the server stopped', handled: true };
            },
        };
    }

    #advise({ advice }: Advice, complaint: string | undefined): void {
        void this.#say(complaint ? `${advice} (${complaint}.)` : advice, {
            'Open Settings': () => commands.executeCommand('workbench.action.openSettings', `${section}.interpreter`),
        });
    }

    /** Tells the user what went wrong; every such message leads to something to do, and to the log. */
    async #say(message: string, ways: Record<string, () => unknown>): Promise<void> {
        const all = { ...ways, 'Show Log': () => this.#company.log.show() };
        const choice = await window.showErrorMessage(message, ...Object.keys(all));
        if (choice) {
            all[choice as keyof typeof all]();
        }
    }
}

/** Writes errors into the log only: the few that a user can do something about are ours to say. */
class QuietClient extends LanguageClient {
    override error(message: string, data?: unknown): void {
        super.error(message, data, false);
    }
}

function quoted(argument: string): string {
    return /^[\w./:\\@%+=-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
