// Cancellation, and work beside the event loop.

import assert from 'node:assert/strict';
import { pbkdf2 } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as pi from 'pi-spigot';
import { PI_50, counters } from './common.mjs';

/** Digits that nobody waits for. */
const ENDLESS = 30_000_000;

const ABORTED = { name: 'AbortError', code: 'ABORT_ERR' };

test('an aborted signal stops a call before it begins', async () => {
  const reason = new Error('no more');
  const error = await pi.digits(1e6, { signal: AbortSignal.abort(reason) }).catch((caught) => caught);
  assert.equal(error.name, 'AbortError');
  assert.equal(error.code, 'ABORT_ERR');
  assert.equal(error.cause, reason);
  assert.equal(counters().jobs, 0);
});

test('every long computation stops when its signal aborts', async () => {
  for (const begin of [
    (signal) => pi.digits(ENDLESS, { signal }),
    (signal) => pi.digitsBuffer(ENDLESS, { signal, threads: 2 }),
    (signal) => pi.digitsFrom(ENDLESS, 10, { signal }),
    (signal) => pi.digits(200_000, { signal, algorithm: 'gibbons' }),
    (signal) => pi.digest(ENDLESS, { signal }),
    (signal) => pi.verify('3'.padEnd(ENDLESS, '1'), { signal }),
    (signal) => pi.hexDigits('1e10', 16, { signal }),
    (signal) => pi.blocks({ size: ENDLESS, signal }).next(),
  ]) {
    const controller = new AbortController();
    const promise = begin(controller.signal);
    setImmediate(() => controller.abort());
    await assert.rejects(promise, ABORTED, String(begin));
    assert.equal(counters().jobs, 0, String(begin));
  }
});

test('a signal stops all its calls, running and waiting, without a warning', async () => {
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 100 }, () => pi.digits(ENDLESS, { signal }));
  assert.equal(counters().jobs, 100);
  controller.abort();
  const results = await Promise.allSettled(calls);
  assert.ok(results.every(({ reason }) => reason?.name === 'AbortError'));
  assert.equal(counters().jobs, 0);
  assert.equal(await pi.digits(50), PI_50, 'the threads go on with other work');
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});

test('an abort after the end does nothing', async () => {
  const controller = new AbortController();
  assert.equal(await pi.digits(50, { signal: controller.signal }), PI_50);
  controller.abort();
});

test("long computations leave libuv's threads and short computations alone", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const long = Array.from({ length: 16 }, () => pi.digits(ENDLESS, { signal }));
  // Four of these would wait for the end of a computation on libuv's pool.
  await Promise.all(Array.from({ length: 8 }, () => promisify(pbkdf2)('a', 'b', 10, 16, 'sha1')));
  await readFile(new URL(import.meta.url));
  assert.equal(await pi.digits(50), PI_50);
  assert.equal(counters().jobs, 16, 'all of them are still there');
  controller.abort();
  await Promise.allSettled(long);
});

test('a worker thread computes, and its end stops what it began', async () => {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const pi = require('pi-spigot');
    pi.digits(50).then((text) => {
      pi.digits(${ENDLESS});
      pi.digits(${ENDLESS});
      pi.blocks({ n: ${ENDLESS}, size: ${ENDLESS} }).next();
      parentPort.postMessage(text);
    });`;
  for (let round = 0; round < 3; round += 1) {
    const worker = new Worker(source, { eval: true });
    assert.equal(await new Promise((resolve) => worker.once('message', resolve)), PI_50);
    await worker.terminate();
    while (counters().jobs > 0) await new Promise(setImmediate);
  }
  assert.equal(await pi.digits(50), PI_50);
});
