// Errors: class, code, and words that say what is allowed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants } from 'node:buffer';
import * as pi from 'pi-spigot';

const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };
const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
const VALUE = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };

/** Each call must fail in the same way on the thread and off it. */
async function fails(calls, expected) {
  for (const call of calls) {
    await assert.rejects(async () => call(), (error) => {
      const { name, code, message } = error;
      assert.deepEqual({ name, code }, { name: expected.name, code: expected.code }, `${call}: ${message}`);
      if (expected.message) assert.match(message, expected.message, String(call));
      return true;
    });
  }
}

/** Calls of everything that takes a number of digits. */
const withCount = (n) => [
  () => pi.digits(n),
  () => pi.digitsSync(n),
  () => pi.digitsBuffer(n),
  () => pi.digitsBufferSync(n),
  () => pi.digitsFrom(n, 1),
  () => pi.digitsFrom(1, n),
  () => pi.digitsFromSync(1, n),
  () => pi.digest(n),
  () => pi.memoryRequired(n),
];

test('counts that are none', async () => {
  const message = /use an integer from 1 to 1,000,000,000,000/;
  for (const n of [0, -1, 1.5, NaN, Infinity, 1e12 + 1, 0n, -5n, 10n ** 13n]) {
    await fails(withCount(n), { ...RANGE, message });
  }
  for (const n of ['', 'many', '-1', '1.5', '1e13', '1__0', '0']) {
    await fails(withCount(n), { ...RANGE, message });
  }
  for (const n of [undefined, null, true, {}, [10], Symbol.iterator, () => 5]) {
    await fails(withCount(n), { ...TYPE, message });
  }
});

test('the words name what was wrong', async () => {
  await fails([() => pi.digits('many')], { ...RANGE, message: /^n is "many", and only the digits 0 to 9/ });
  await fails([() => pi.digitsFrom(0, 1)], { ...RANGE, message: /^position is 0:/ });
  await fails([() => pi.blocks({ from: 1.5 })], { ...RANGE, message: /^from is 1.5:/ });
  await fails([() => pi.digits('x'.repeat(100))], { ...RANGE, message: /^n is "x{40}…"/ });
});

test('options', async () => {
  const streams = [pi.blocks, pi.readable, pi.iterate];
  const calls = [(o) => pi.digits(10, o), (o) => pi.digitsSync(10, o), (o) => pi.digest(10, o), ...streams];
  for (const call of calls) {
    await fails([() => call(null), () => call(5), () => call('fast')], { ...TYPE, message: /use an object with/ });
    await fails([() => call({ thread: 1 })], { ...VALUE, message: /no option "thread"; the options are .*threads/ });
    await fails([() => call({ algorithm: 'Chudnovsky' })], { ...VALUE, message: /known ones are chudnovsky, gosper, gibbons/ });
    await fails([() => call({ threads: 0 }), () => call({ threads: 1.5 })], { ...RANGE, message: /threads is .*from 1 to 1,024/ });
    await fails([() => call({ threads: '2' })], { ...TYPE, message: /threads is "2"/ });
  }
  await fails([() => pi.digits(10, { signal: {} }), () => pi.blocks({ signal: 1 })], { ...TYPE, message: /AbortController/ });
  await fails([() => pi.digitsSync(10, { signal: AbortSignal.abort() })], VALUE);
  await fails([() => pi.blocks({ size: 0 })], { ...RANGE, message: /^size is 0/ });
  await fails([() => pi.readable({ highWaterMark: -1 })], { ...RANGE, message: /^highWaterMark is -1/ });
});

test('texts that no string holds', async () => {
  const n = constants.MAX_STRING_LENGTH;
  await fails([() => pi.digits(n), () => pi.digitsSync(n)], { ...RANGE, message: /use digitsBuffer/ });
});

test('more digits than there is memory for are refused before they are computed', async () => {
  const message = /^1_000_000_000_000 digits need \d+ MiB, and .* digits fit: ask for fewer/;
  await fails([() => pi.digest(1e11), () => pi.readable({ n: 1e11 })], { name: 'RangeError', code: 'ERR_PI_MEMORY' });
  await fails([() => pi.digest(1e12, { algorithm: 'gosper' })], { name: 'RangeError', code: 'ERR_PI_MEMORY', message });
});

test('more digits than an algorithm can compute', async () => {
  const message = /beyond position 290,\d{3},\d{3}, the last one that gibbons can compute|beyond position [\d,]+/;
  await fails([() => pi.digest(1e12), () => pi.digest(3e9, { algorithm: 'gibbons' })], { ...RANGE, message });
  await fails([() => pi.blocks({ algorithm: 'gibbons', from: 1e12 })], { ...RANGE, message });
});

test('texts that are no digits', async () => {
  await fails([() => pi.verify(''), () => pi.verify('.'), () => pi.verify('\n')], VALUE);
  await fails([() => pi.verify('3.14x')], { ...VALUE, message: /^text: not a digit at position 4/ });
  await fails([() => pi.verify('3.1\n4')], { ...VALUE, message: /^text: not a digit at position 3/ });
  await fails([() => pi.verify(3.14), () => pi.verify(), () => pi.verify(['3'])], { ...TYPE, message: /Uint8Array/ });
});

test('hexadecimal positions', async () => {
  await fails([() => pi.hexDigits(0), () => pi.hexDigits('1e30')], { ...RANGE, message: /288230376151711744/ });
  await fails([() => pi.hexDigits(1.5), () => pi.hexDigits('x'), () => pi.hexDigits(-1)], RANGE);
  await fails([() => pi.hexDigits(2 ** 53 + 2)], { ...RANGE, message: /bigint/ });
  await fails([() => pi.hexDigits()], TYPE);
  await fails([() => pi.hexDigits(1, 0), () => pi.hexDigits(1, 10_001)], { ...RANGE, message: /10,000/ });
  await fails([() => pi.hexDigits(1, 1, { formula: 'plouffe' })], { ...VALUE, message: /bellard, bbp/ });
});
