// Memory over many calls, in a process of its own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Resident bytes by which 10,000 calls may grow a process that has warmed up: 50 a call would be a leak. */
const SLACK = 512 * 1024;

const calls = {
  digits: 'await pi.digits(50)',
  digitsSync: 'pi.digitsSync(50)',
  'digits with a signal': 'await pi.digits(50, { signal })',
  digitsBuffer: 'await pi.digitsBuffer(1000)',
  errors: "await pi.digits('x').catch(() => {})",
  aborted: 'await pi.digits(50, { signal: AbortSignal.abort() }).catch(() => {})',
  hexDigits: 'await pi.hexDigits(10)',
  verify: "await pi.verify('3.14159')",
};

for (const [name, call] of Object.entries(calls)) {
  test(`memory is flat over 10,000 calls: ${name}`, async () => {
    const script = `
      import * as pi from 'pi-spigot';
      const { signal } = new AbortController();
      const rounds = async (count) => { for (let n = 0; n < count; n += 1) ${call}; };
      const resident = () => { gc(); gc(); return process.memoryUsage.rss(); };
      await rounds(3000);
      // The collector takes pages once, at any time: a leak grows in every round.
      const growth = [];
      for (let round = 0; round < 4; round += 1) {
        const before = resident();
        await rounds(10_000);
        growth.push(resident() - before);
      }
      console.log(Math.min(...growth));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '-e', script],
      { cwd: fileURLToPath(new URL('.', import.meta.url)) },
    );
    assert.ok(Number(stdout) < SLACK, `${name}: ${stdout.trim()} bytes more in each of four rounds`);
  });
}
