'use strict';

// Arguments, checked before the addon sees them.

const { constants } = require('node:buffer');
const native = require('./native.cjs');
const { noMemory, outOfRange, shown, wrongType, wrongValue } = require('./errors.cjs');

const ALGORITHMS = native.algorithms();
const FORMULAS = native.formulas();
const MOST_DIGITS = 1e12;
const MOST_THREADS = 1024;
const NONE = Object.freeze({});
const MOST_HEX_DIGITS = 10_000;
/** Digits up to which no process lacks memory: reading how much there is costs more than they do. */
const SMALL = 1_000_000;

const grouped = (n) => n.toLocaleString('en-US');

/** A number of digits or a position: a number, a bigint, or text such as "1e6". */
function count(value, name) {
  if (typeof value === 'number' && value >= 1 && value <= MOST_DIGITS && Number.isInteger(value)) {
    return value;
  }
  const allowed = `use an integer from 1 to ${grouped(MOST_DIGITS)}, such as 10000, "10_000" or "1e4"`;
  if (typeof value === 'bigint' && value >= 1n && value <= BigInt(MOST_DIGITS)) return Number(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    throw outOfRange(`${name} is ${shown(value)}: ${allowed}`);
  }
  if (typeof value !== 'string') {
    throw wrongType(`${name} is ${shown(value)}: ${allowed}`);
  }
  try {
    return native.parseCount(value);
  } catch (error) {
    throw outOfRange(`${name} is ${shown(value)}, and ${error.message}: ${allowed}`);
  }
}

/** The object of options, or an empty one; unknown names are errors. */
function options(value, known) {
  if (value === undefined) return NONE;
  if (value === null || typeof value !== 'object') {
    throw wrongType(`options is ${shown(value)}: use an object with ${known.join(', ')}`);
  }
  for (const name in value) {
    if (!known.includes(name)) {
      throw wrongValue(`there is no option ${shown(name)}; the options are ${known.join(', ')}`);
    }
  }
  return value;
}

/** The place of a name in a list. */
function named(value, names, what) {
  if (value === undefined) return 0;
  const at = names.indexOf(value);
  if (at >= 0) return at;
  throw wrongValue(`there is no ${what} ${shown(value)}; the known ones are ${names.join(', ')}`);
}

const algorithm = (value) => named(value, ALGORITHMS, 'algorithm');
const formula = (value) => named(value, FORMULAS, 'formula');

function integer(value, name, least, most) {
  if (typeof value !== 'number') {
    throw wrongType(`${name} is ${shown(value)}: use an integer from ${least} to ${grouped(most)}`);
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(`${name} is ${shown(value)}: use an integer from ${least} to ${grouped(most)}`);
  }
  return value;
}

/** The number of threads; 0 stands for a fair share of the CPUs. */
const threads = (value) => (value === undefined ? 0 : integer(value, 'threads', 1, MOST_THREADS));

/** A signal, or nothing. */
function signal(value) {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw wrongType(`signal is ${shown(value)}: use the signal of an AbortController`);
}

/** The last position of each algorithm. */
const ENDS = ALGORITHMS.map((_, index) => Math.min(native.maxDigits(index), MOST_DIGITS));

/** Checks a range against algorithm, result and memory, and returns the number of threads that fit. */
function check(range, most, remedy) {
  const { algorithm: index, from, n } = range;
  const last = from - 1 + n;
  if (last > ENDS[index]) {
    throw outOfRange(
      `${grouped(n)} digits from position ${grouped(from)} on end beyond position ${grouped(ENDS[index])}, ` +
        `the last one that ${ALGORITHMS[index]} can compute: ask for fewer`,
    );
  }
  if (n >= most) {
    throw outOfRange(`${grouped(n)} digits do not fit one result of at most ${grouped(most)} bytes: ${remedy}`);
  }
  if (last <= SMALL) return range.threads;
  try {
    return native.threadsThatFit(index, from, n, range.threads);
  } catch (error) {
    throw noMemory(error.message);
  }
}

const { MAX_STRING_LENGTH, MAX_LENGTH } = constants;

/** Checks a range of digits that becomes one string. */
const checkString = (range) => check(range, MAX_STRING_LENGTH, 'use digitsBuffer, or blocks');

/** Checks a range of digits that becomes one Buffer. */
const checkBuffer = (range) => check(range, MAX_LENGTH, 'use readable, or blocks');

/** Checks a range of digits of which no result has all. */
const checkAny = (range) => check(range, Infinity);

module.exports = {
  ALGORITHMS,
  MOST_HEX_DIGITS,
  algorithm,
  checkAny,
  checkBuffer,
  checkString,
  count,
  formula,
  integer,
  options,
  signal,
  threads,
};
