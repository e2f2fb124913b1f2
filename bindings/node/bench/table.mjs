// The table of README.md: CPU time for n digits by this package and by programs of BigInt, and of a call for 50
// digits. CPU time of all threads, user and system, since machines are shared. Every text is compared with
// that of the others.
//
//   ci/node.sh bench            builds first
//   node bench/table.mjs [N]    up to N digits; the default is 1e7

import assert from 'node:assert/strict';
import os from 'node:os';
import * as pi from 'pi-spigot';
import { chudnovsky, spigot } from './bigint.mjs';

const MOST = Number(process.argv[2] ?? 1e7);
const ROUNDS = 5;
/** Seconds after which a program is not called again. */
const ENOUGH = 5;
/** Digits beyond which the spigot takes many minutes. */
const MOST_OF_SPIGOT = 1e4;

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

/** CPU seconds of this process since a moment. */
function seconds(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** CPU seconds of a call, and its result. */
async function timed(program, n) {
  const start = process.cpuUsage();
  const result = await program(n);
  return [seconds(start), String(result)];
}

/** Median seconds of each program, in rounds through all programs, whose texts must agree. */
async function measure(programs, n) {
  const times = programs.map(() => []);
  let expected;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { name, run, most }] of programs.entries()) {
      if (n > (most ?? Infinity) || times[index][0] > ENOUGH) continue;
      const [time, text] = await timed(run, n);
      expected ??= text;
      assert.ok(text === expected, `${name}: other digits than ${programs[0].name}`);
      times[index].push(time);
    }
  }
  return times.map((list) => (list.length > 0 ? median(list) : undefined));
}

/** Median microseconds of a call of 50 digits, of batches of a thousand. */
async function overhead(call) {
  const times = [];
  for (let batch = 0; batch < 21; batch += 1) {
    const start = process.cpuUsage();
    for (let n = 0; n < 1000; n += 1) await call(50);
    times.push(seconds(start) * 1e3);
  }
  return median(times);
}

/** The same without `await`, which costs a turn of the microtask queue. */
function overheadSync(call) {
  const times = [];
  for (let batch = 0; batch < 21; batch += 1) {
    const start = process.cpuUsage();
    for (let n = 0; n < 1000; n += 1) call(50);
    times.push(seconds(start) * 1e3);
  }
  return median(times);
}

const programs = [
  { name: '`digitsSync`, one thread', run: (n) => pi.digitsSync(n, { threads: 1 }) },
  { name: '`digits`, one thread', run: (n) => pi.digits(n, { threads: 1 }) },
  { name: '`digitsBuffer`, one thread', run: (n) => pi.digitsBuffer(n, { threads: 1 }) },
  { name: 'BigInt, the Chudnovskys\' series', run: chudnovsky },
  { name: 'BigInt, short form of the spigot', run: spigot, most: MOST_OF_SPIGOT },
];

const counts = [1e4, 1e5, 1e6, 1e7].filter((n) => n <= MOST);
const columns = [[]];
for (const { run } of programs) {
  const sync = !(run(50) instanceof Promise);
  columns[0].push((sync ? overheadSync(run) : await overhead(run)).toFixed(1));
}
for (const n of counts) {
  const times = await measure(programs, n);
  const cell = (time) => (time === undefined ? '' : `${time.toPrecision(3)} (${(time / times[0]).toPrecision(2)})`);
  columns.push(times.map(cell));
}
const title = (n) => `${n.toExponential().replace('+', '')} digits, s`;
console.log(`Node ${process.version}, ${os.cpus()[0].model}, load ${os.loadavg()[0].toFixed(1)}\n`);
console.log(`| | 50 digits, µs a call | ${counts.map(title).join(' | ')} |`);
console.log(`|---|${columns.map(() => '---|').join('')}`);
programs.forEach(({ name }, row) => console.log(`| ${name} | ${columns.map((column) => column[row]).join(' | ')} |`));
