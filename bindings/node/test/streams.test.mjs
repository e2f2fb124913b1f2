// Iterators and streams: their text, back pressure, and memory that comes back.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import * as pi from 'pi-spigot';
import { GOLDEN, collected, counters } from './common.mjs';

const whole = pi.digitsSync(300_000);

/** The first blocks of an iterator. */
async function take(blocks, count) {
  const taken = [];
  for await (const block of blocks) {
    taken.push(block);
    if (taken.length === count) break;
  }
  return taken;
}

test('blocks without an end, of every size', async () => {
  for (const [size, count] of [[1, 30], [7, 100], [1000, 200], [65_536, 3], [100_000, 2]]) {
    const taken = await take(pi.blocks({ size }), count);
    assert.equal(taken.join(''), whole.slice(0, size * count + 1), `blocks of ${size}`);
    assert.ok(taken.slice(1).every((block) => block.length === size));
    assert.equal(taken[0].length, size + 1, 'the point is not counted');
  }
  assert.equal(counters().streams, 0);
});

test('blocks with an end, from any position, by every algorithm', async () => {
  for (const algorithm of pi.algorithms) {
    for (const [from, n, size] of [[1, 1, 5], [1, 2, 1], [1, 2500, 1000], [2, 10, 3], [999, 2001, 100]]) {
      const taken = [];
      for await (const block of pi.blocks({ algorithm, from, n, size })) taken.push(block);
      const expected = from === 1 ? whole.slice(0, n > 1 ? n + 1 : 1) : whole.slice(from, from + n);
      assert.equal(taken.join(''), expected, `${algorithm} ${from} ${n} ${size}`);
    }
  }
  const [late] = await take(pi.blocks({ from: '1e5', size: 50 }), 1);
  assert.equal(late, whole.slice(100_000, 100_050), 'from a position without an end');
});

test('digits one by one', () => {
  const found = [];
  for (const digit of pi.iterate()) {
    found.push(digit);
    if (found.length === 100_000) break;
  }
  assert.equal(found.join(''), whole.slice(0, 100_001).replace('.', ''));
  assert.deepEqual([...pi.iterate({ n: 6, from: 2 })], [1, 4, 1, 5, 9, 2]);
  assert.equal(counters().streams, 0);
});

test('a readable gives bytes, or strings of an encoding', async () => {
  const hash = createHash('sha256');
  await pipeline(pi.readable({ n: 10_000 }), hash);
  assert.equal(hash.digest('hex'), GOLDEN[10_000]);
  const texts = await pi.readable({ n: 2000, encoding: 'latin1', highWaterMark: 333 }).toArray();
  assert.equal(texts.join(''), whole.slice(0, 2001));
  const gibbons = await pi.readable({ n: 3000, algorithm: 'gibbons' }).toArray();
  assert.equal(Buffer.concat(gibbons).toString(), whole.slice(0, 3001));
});

test('a slow reader holds the computation back', async () => {
  const stream = pi.readable({ highWaterMark: 1000 });
  let written = 0;
  const slow = new Writable({
    highWaterMark: 1000,
    write(chunk, _, done) {
      written += chunk.length;
      // Node reads until its own buffer is full, and never more than one chunk beyond.
      assert.ok(stream.readableLength <= 2000, `${stream.readableLength} bytes wait`);
      if (written > 20_000) stream.destroy();
      setImmediate(done);
    },
  });
  await assert.rejects(pipeline(stream, slow), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
  assert.ok(written < 25_000);
  assert.equal(counters().streams, 0);
});

test('a reader that never reads costs one read', async () => {
  const stream = pi.readable({ highWaterMark: 1000 });
  stream.once('readable', () => {});
  while (stream.readableLength === 0) await new Promise(setImmediate);
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  assert.ok(stream.readableLength <= 2000, `${stream.readableLength} bytes`);
  assert.equal(counters().jobs, 0);
  await new Promise((resolve) => stream.once('close', resolve).destroy());
  assert.equal(counters().streams, 0);
});

test('a destroyed or aborted stream stops computing', async () => {
  const controller = new AbortController();
  for (const stop of [(stream) => stream.destroy(new Error('enough')), () => controller.abort()]) {
    const stream = pi.readable({ from: '2e7', signal: controller.signal });
    stream.resume();
    setImmediate(() => stop(stream));
    await assert.rejects(stream.toArray(), (error) => /enough|aborted/.test(error.message));
    while (!stream.closed) await new Promise(setImmediate);
    assert.deepEqual(counters(), { jobs: 0, streams: 0 });
  }
});

test('a thousand loops that are left early leave nothing', async () => {
  for (let round = 0; round < 1000; round += 1) {
    const [first] = await take(pi.blocks({ size: 10 }), 1);
    assert.equal(first, '3.141592653');
  }
  assert.deepEqual(counters(), { jobs: 0, streams: 0 });
});

test('a thousand abandoned iterators go with the garbage', async () => {
  const abandon = async () => {
    for (let round = 0; round < 500; round += 1) {
      await pi.blocks({ size: 10 }).next();
      pi.iterate().next();
    }
  };
  await abandon();
  assert.ok(await collected(() => counters().streams === 0), `${counters().streams} streams are left`);
});

test('an iterator that is abandoned while it reads goes too', async () => {
  for (let round = 0; round < 20; round += 1) pi.blocks({ size: 200_000 }).next();
  while (counters().jobs > 0) await new Promise(setImmediate);
  assert.ok(await collected(() => counters().streams === 0), `${counters().streams} streams are left`);
});

test('calls of next that overlap are answered in order', async () => {
  const blocks = pi.blocks({ size: 100 });
  const results = await Promise.all(Array.from({ length: 50 }, () => blocks.next()));
  assert.equal(results.map(({ value }) => value).join(''), whole.slice(0, 5001));
  await blocks.return();
  assert.equal(counters().streams, 0);
});
