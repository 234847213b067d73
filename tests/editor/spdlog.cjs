// Stands in for @vscode/spdlog, whose native part would need a compiler: without it VS Code writes no log files, and
// every output channel stays empty.

const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
    #file;
    #level = 0;
    #stamped = true;

    constructor(file) {
        this.#file = file;
        mkdirSync(dirname(file), { recursive: true });
        levels.forEach((name, level) => {
            this[name] = (message) => level >= this.#level && this.#write(name, message);
        });
    }

    #write(name, message) {
        const stamp = `${new Date().toISOString().replace('T', ' ').slice(0, -1)} [${name === 'warn' ? 'warning' : name}] `;
        appendFileSync(this.#file, this.#stamped ? `${stamp}${message}\n` : message);
    }

    getLevel() {
        return this.#level;
    }

    setLevel(level) {
        this.#level = level;
    }

    clearFormatters() {
        this.#stamped = false;
    }

    setPattern() {}
    flush() {}
    drop() {}
}

async function createLogger(_name, file) {
    return new Logger(file);
}

// one by one, so that `import` finds their names
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
exports.setFlushOn = () => {};
exports.setLevel = () => {};
