// The answers of every function, in every form.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as pi from 'pi-spigot';
import { GOLDEN, PI_50, sha256 } from './common.mjs';

const whole = pi.digitsSync(10_000);

test('the first digits, as text and as bytes, off the thread and on it', async () => {
  assert.equal(await pi.digits(50), PI_50);
  assert.equal(pi.digitsSync(50), PI_50);
  assert.equal((await pi.digitsBuffer(50)).toString(), PI_50);
  assert.equal(pi.digitsBufferSync(50).toString('latin1'), PI_50);
  assert.equal(await pi.digits(1), '3');
  assert.equal(await pi.digits(2), '3.1');
});

test('10,000 digits by every algorithm and number of threads', async () => {
  for (const algorithm of pi.algorithms) {
    for (const threads of [1, 3, undefined]) {
      assert.equal(sha256(await pi.digits(10_000, { algorithm, threads })), GOLDEN[10_000]);
    }
  }
});

test('a million decimals: text and bytes agree, and the digest knows them', async () => {
  const [text, bytes, digest] = await Promise.all([
    pi.digits(1_000_001),
    pi.digitsBuffer(1_000_001),
    pi.digest(1_000_001),
  ]);
  assert.equal(text.length, 1_000_002);
  assert.ok(bytes.equals(Buffer.from(text)));
  assert.deepEqual(digest, {
    digits: 1_000_001,
    sha256: sha256(text),
    first: text.slice(0, 51),
    last: text.slice(-50),
  });
  assert.ok(text.endsWith('5779458151'), 'the published end of a million decimals');
});

test('counts are numbers, bigints and texts', async () => {
  for (const n of [1000, 1000n, '1000', '1_000', '1e3', '1000.0']) {
    assert.equal(await pi.digits(n), whole.slice(0, 1001), `${typeof n} ${n}`);
  }
});

test('digits from a position on', async () => {
  assert.equal(await pi.digitsFrom(1, 50), PI_50);
  assert.equal(await pi.digitsFrom(2, 4), '1415');
  assert.equal(pi.digitsFromSync(763, 6), '999999', "Feynman's point");
  assert.equal(await pi.digitsFrom('1e4', 1), whole.slice(-1));
});

test('a digest of a few digits', async () => {
  const { sha256: found, first, last } = await pi.digest(1000);
  assert.ok(found.startsWith(GOLDEN[1000]));
  assert.equal(first, whole.slice(0, 51));
  assert.equal(last, whole.slice(951, 1001));
});

test('right digits are proved and a wrong one is found', async () => {
  assert.ok((await pi.verify(whole)).agrees);
  assert.ok((await pi.verify(Buffer.from(whole))).agrees);
  assert.ok((await pi.verify(whole.replace('.', ''))).agrees, 'without the point');
  assert.ok((await pi.verify(`${whole}\n`)).agrees, 'a text file ends with a line end');
  for (const at of [0, 2, 5000, 9990]) {
    const wrong = `${whole.slice(0, at)}${(Number(whole[at]) + 1) % 10}${whole.slice(at + 1)}`;
    const verdict = await pi.verify(wrong);
    assert.equal(verdict.agrees, false, `digit at ${at}`);
    assert.equal(typeof verdict.bit, 'number');
    assert.equal(typeof verdict.computed, 'bigint');
  }
});

test('an array that changes while it is checked does not matter', async () => {
  const bytes = Buffer.from(whole);
  const verdict = pi.verify(bytes);
  bytes.fill(0);
  assert.ok((await verdict).agrees);
});

test('hexadecimal digits', async () => {
  assert.equal(await pi.hexDigits(1), '243F6A8885A308D3');
  assert.equal(await pi.hexDigits(1_000n, 8), '349F1C09');
});

test('the millionth hexadecimal digit by both formulas', async () => {
  for (const formula of ['bellard', 'bbp']) {
    assert.equal(await pi.hexDigits('1e6', 14, { formula, threads: 1 }), '26C65E52CB4593');
  }
});

test('facts', () => {
  assert.deepEqual([...pi.algorithms], ['chudnovsky', 'gosper', 'gibbons']);
  assert.ok(pi.memoryRequired(1e8) > pi.memoryRequired(1e7, { threads: 1 }));
  assert.ok(pi.maxDigits() > pi.maxDigits('gibbons'));
  pi.releaseMemory();
  assert.equal(pi.digitsSync(50), PI_50, 'after memory went back');
});

test('require and import give the same functions', () => {
  const required = createRequire(import.meta.url)('pi-spigot');
  assert.deepEqual(Object.keys(required).sort(), Object.keys(pi).sort());
  for (const name of Object.keys(required)) assert.equal(required[name], pi[name], name);
});
