// Memory over many calls, in a process of its own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Bytes by which 10,000 calls may grow a process that has warmed up: 50 a call would be a leak. */
const SLACK = 512 * 1024;

/**
 * Node 20 itself keeps 50 to 200 bytes outside of its heap for each call that a signal may abort, without any addon:
 * there the heap is looked at, and the same addon is proved flat by newer versions of Node.
 */
const keepsForSignals = Number(process.versions.node.split('.')[0]) < 22;

const calls = {
  digits: 'await pi.digits(50)',
  digitsSync: 'pi.digitsSync(50)',
  'digits with a signal': 'await pi.digits(50, { signal })',
  digitsBuffer: 'await pi.digitsBuffer(1000)',
  errors: "await pi.digits('x').catch(() => {})",
  aborted: 'await pi.digits(50, { signal: aborted }).catch(() => {})',
  'digits with a signal of its own': 'await pi.digits(50, { signal: new AbortController().signal })',
  hexDigits: 'await pi.hexDigits(10)',
  verify: "await pi.verify('3.14159')",
  'an iterator that is left': 'for await (const block of pi.blocks({ size: 10 })) break',
};

for (const [name, call] of Object.entries(calls)) {
  test(`memory is flat over 10,000 calls: ${name}`, async (t) => {
    const script = `
      import * as pi from 'pi-spigot';
      import { setImmediate } from 'node:timers/promises';
      const { signal } = new AbortController();
      const aborted = AbortSignal.abort();
      const rounds = async (count) => {
        for (let n = 0; n < count; n += 1) {
          ${call};
          // Node keeps every rejected promise until its event loop turns.
          if (n % 100 === 0) await setImmediate();
        }
      };
      const memory = () => { gc(); gc(); const { rss, heapUsed } = process.memoryUsage(); return { rss, heapUsed }; };
      await rounds(3000);
      // The collector takes pages once, at any time: a leak grows in every round, so that one flat round is enough.
      const growth = { rss: Infinity, heapUsed: Infinity };
      let round = 0;
      for (; round < 4 && Math.max(...Object.values(growth)) >= ${SLACK}; round += 1) {
        const before = memory();
        await rounds(10_000);
        const after = memory();
        for (const part in growth) growth[part] = Math.min(growth[part], after[part] - before[part]);
      }
      console.log(JSON.stringify({ ...growth, round }));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '-e', script],
      { cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    const { rss, heapUsed, round } = JSON.parse(stdout);
    t.diagnostic(`${rss} resident bytes and ${heapUsed} bytes of the heap more after 10,000 calls, least of ${round}`);
    assert.ok(heapUsed < SLACK, `${heapUsed} bytes of the heap more in each of four rounds`);
    if (keepsForSignals && name.includes('signal')) return;
    assert.ok(rss < SLACK, `${rss} resident bytes more in each of four rounds`);
  });
}
