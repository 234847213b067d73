// The server's state, in the language status of our documents and nowhere else.

import type { Disposable, LanguageStatusItem } from 'vscode';
import { LanguageStatusSeverity, languages } from 'vscode';

import { named } from './documents';

export class Status implements Disposable {
    readonly #item: LanguageStatusItem;

    constructor() {
        this.#item = languages.createLanguageStatusItem('envls', named);
        this.#item.name = 'envls';
        this.#item.command = { command: 'envls.showLog', title: 'Show Log' };
    }

    starting(): void {
        this.#show('envls', 'starting', LanguageStatusSeverity.Information);
        this.#item.busy = true;
    }

    /** A complaint is what the settings ask for and cannot have. */
    ready(version: string | undefined, what: string, complaint: string | undefined): void {
        const severity = complaint ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
        this.#show(version ? `envls ${version}` : 'envls', complaint ?? what, severity);
    }

    stopped(reason: string): void {
        this.#show('envls: stopped', reason, LanguageStatusSeverity.Error);
    }

    #show(text: string, detail: string, severity: LanguageStatusSeverity): void {
        Object.assign(this.#item, { text, detail, severity, busy: false });
    }

    dispose(): void {
        this.#item.dispose();
    }
}
