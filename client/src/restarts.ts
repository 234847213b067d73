// How often a server that stops by itself is started again.

const most = 3;
const within = 3 * 60_000; // milliseconds

/** Forgives a few stops in a short time, and old ones altogether. */
export class Restarts {
    #stops: number[] = [];

    /** Whether to start again, now that the server has stopped. */
    allowed(now: number = Date.now()): boolean {
        this.#stops = [...this.#stops.filter((stop) => now - stop < within), now];
        return this.#stops.length <= most;
    }
}
