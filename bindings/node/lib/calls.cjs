'use strict';

// Calls of the addon that end in a promise, and their cancellation.

const native = require('./native.cjs');
const { AbortError } = require('./errors.cjs');

const engine = new native.Engine();

/** The number of the last call; it wraps long after the first calls have ended. */
let last = 0;

/** The running calls of each signal. One listener serves them all: Node warns of more than ten. */
const running = new WeakMap();

function callsOf(signal) {
  let calls = running.get(signal);
  if (calls === undefined) {
    calls = new Set();
    running.set(signal, calls);
    signal.addEventListener('abort', () => calls.forEach((call) => engine.cancel(call)), { once: true });
  }
  return calls;
}

/** A new call's number. */
const next = () => (last = (last + 1) >>> 0);

/** Starts a call; its promise is rejected with an AbortError when the signal aborts. */
async function start(signal, begin) {
  if (signal === undefined) return begin(next());
  if (signal.aborted) throw new AbortError(signal);
  const call = next();
  const calls = callsOf(signal);
  calls.add(call);
  try {
    return await begin(call);
  } catch (error) {
    throw isCancelled(error) ? new AbortError(signal) : error;
  } finally {
    calls.delete(call);
  }
}

/** Tells whether the addon cancelled a call. */
const isCancelled = (error) => error.code === 'Cancelled';

module.exports = { engine, isCancelled, next, start };
