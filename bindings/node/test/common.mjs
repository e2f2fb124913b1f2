// Shared by the tests, which import the package by its name: in this tree that is the tree itself, in
// an empty folder the installed package.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

const require = createRequire(import.meta.url);

/** Folder of the package under test. */
export const root = dirname(dirname(require.resolve('pi-spigot')));

/** Unfinished jobs and open streams, counted by the addon. */
export const { counters } = require(join(root, 'lib/native.cjs'));

/** SHA-256 of the text of so many digits, from independent sources. */
export const GOLDEN = {
  1000: '75f1e998',
  10_000: '1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3',
};

export const PI_50 = '3.1415926535897932384626433832795028841971693993751';

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Collects garbage, and lets finalizers run, until a condition holds or nothing more happens. */
export async function collected(condition) {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  for (let round = 0; round < 50 && !condition(); round += 1) {
    gc();
    await setImmediate();
  }
  return condition();
}
