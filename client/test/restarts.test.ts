import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Restarts } from '../src/restarts';

const minute = 60_000; // milliseconds

test('a server that keeps stopping is given up', () => {
    const restarts = new Restarts();
    assert.deepEqual([1, 2, 3, 4].map((second) => restarts.allowed(second * 1000)), [true, true, true, false]);
});

test('stops of long ago are forgotten', () => {
    const restarts = new Restarts();
    assert.deepEqual([0, 2, 4, 6, 8].map((at) => restarts.allowed(at * minute)), [true, true, true, true, true]);
});
