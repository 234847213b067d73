// The one log: what the client does, what the server says, and on wish what passes between them.

import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

import type { LogOutputChannel } from 'vscode';
import { EventEmitter, LogLevel, window, workspace } from 'vscode';

import { section, trace } from './settings';

export function openLog(): LogOutputChannel {
    return window.createOutputChannel('envls', { log: true });
}

/**
 * The log as the language client sees it when it traces.
 *
 * The client traces when its channel's level is Trace, whatever `envls.trace.server` says. This view of the log has the
 * level that the setting means, so that the setting alone decides.
 */
export function traceView(log: LogOutputChannel): LogOutputChannel {
    const level = (): LogLevel => (trace() === 'off' ? LogLevel.Info : LogLevel.Trace);
    const changed = new EventEmitter<LogLevel>();
    const listening = workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${section}.trace.server`)) {
            changed.fire(level());
        }
    });
    return {
        name: log.name,
        get logLevel() {
            return level();
        },
        onDidChangeLogLevel: changed.event,
        trace: log.info.bind(log),
        debug: log.debug.bind(log),
        info: log.info.bind(log),
        warn: log.warn.bind(log),
        error: log.error.bind(log),
        append: log.append.bind(log),
        appendLine: log.appendLine.bind(log),
        replace: log.replace.bind(log),
        clear: log.clear.bind(log),
        show: log.show.bind(log),
        hide: log.hide.bind(log),
        dispose() {
            listening.dispose();
            changed.dispose();
        },
    };
}

/** What the server writes to its standard error: records of Python's logging, which begin with their level. */
export function logLines(stream: Readable, log: LogOutputChannel): void {
    let write = log.info;
    createInterface({ input: stream }).on('line', (line) => {
        // a line that begins with none, as of a traceback, belongs to the record before
        const [begin] = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL|Traceback)\b/.exec(line) ?? [];
        if (begin) {
            const writers: Record<string, typeof write> = { DEBUG: log.debug, INFO: log.info, WARNING: log.warn };
            write = writers[begin] ?? log.error;
        }
        write.call(log, line);
    });
}
