'use strict';

// The face of the package; index.d.cts documents it.

const native = require('./native.cjs');
const check = require('./arguments.cjs');
const { engine, start } = require('./calls.cjs');
const { shown, outOfRange, wrongType, wrongValue } = require('./errors.cjs');
const { blocks, iterate, readable } = require('./streams.cjs');

const OPTIONS = ['algorithm', 'threads', 'signal'];
const SYNC_OPTIONS = ['algorithm', 'threads'];

/** The checked range of a call. */
function rangeOf(from, n, options, checkSize) {
  const range = {
    algorithm: check.algorithm(options.algorithm),
    from: from === undefined ? 1 : check.count(from, 'position'),
    n: check.count(n, 'n'),
    threads: check.threads(options.threads),
  };
  range.threads = checkSize(range);
  return range;
}

function compute(position, n, given, checkSize, bytes) {
  const options = check.options(given, OPTIONS);
  const { algorithm, from, n: count, threads } = rangeOf(position, n, options, checkSize);
  return start(check.signal(options.signal), (call) =>
    engine.digits(call, algorithm, from, count, threads, bytes),
  );
}

function computeSync(position, n, given, checkSize, bytes) {
  const options = check.options(given, SYNC_OPTIONS);
  const { algorithm, from, n: count, threads } = rangeOf(position, n, options, checkSize);
  return engine.digitsSync(algorithm, from, count, threads, bytes);
}

async function digits(n, options) {
  return compute(undefined, n, options, check.checkString, false);
}

function digitsSync(n, options) {
  return computeSync(undefined, n, options, check.checkString, false);
}

async function digitsBuffer(n, options) {
  return compute(undefined, n, options, check.checkBuffer, true);
}

function digitsBufferSync(n, options) {
  return computeSync(undefined, n, options, check.checkBuffer, true);
}

async function digitsFrom(position, n, options) {
  return compute(present(position, 'position'), n, options, check.checkString, false);
}

function digitsFromSync(position, n, options) {
  return computeSync(present(position, 'position'), n, options, check.checkString, false);
}

/** A position that must be given. */
function present(value, name) {
  return value === undefined ? check.count(value, name) : value;
}

async function digest(n, given) {
  const options = check.options(given, OPTIONS);
  const { algorithm, n: count, threads } = rangeOf(undefined, n, options, check.checkAny);
  const summary = await start(check.signal(options.signal), (call) =>
    engine.digest(call, algorithm, count, threads),
  );
  return { digits: count, ...summary };
}

async function verify(text, given) {
  const options = check.options(given, ['threads', 'signal']);
  if (typeof text !== 'string' && !(text instanceof Uint8Array)) {
    throw wrongType(`text is ${shown(text)}: use a string or a Uint8Array with the digits of pi`);
  }
  const threads = check.threads(options.threads);
  const signal = check.signal(options.signal);
  return start(signal, (call) => inWords(() => engine.verify(call, text, threads), wrongValue, 'text'));
}

async function hexDigits(position, n = 16, given = undefined) {
  const options = check.options(given, ['formula', 'threads', 'signal']);
  if (!['number', 'bigint', 'string'].includes(typeof position)) {
    throw wrongType(`position is ${shown(position)}: use an integer from 1, the digit behind the point`);
  }
  if (typeof position === 'number' && position > Number.MAX_SAFE_INTEGER) {
    throw outOfRange(`position is ${position}, which a number cannot hold exactly: use a bigint or a string`);
  }
  const count = check.integer(n, 'n', 1, check.MOST_HEX_DIGITS);
  const formula = check.formula(options.formula);
  const threads = check.threads(options.threads);
  return start(check.signal(options.signal), (call) =>
    inWords(() => engine.hexDigits(call, formula, String(position), count, threads), outOfRange, 'position'),
  );
}

/** Gives an error that the addon finds in an argument a class, and the name of the argument. */
function inWords(begin, errorOf, name) {
  try {
    return begin();
  } catch (error) {
    throw error.code === 'InvalidArg' ? errorOf(`${name}: ${error.message}`) : error;
  }
}

function memoryRequired(n, given) {
  const options = check.options(given, SYNC_OPTIONS);
  const count = check.count(n, 'n');
  return native.memoryRequired(check.algorithm(options.algorithm), count, check.threads(options.threads));
}

function maxDigits(algorithm) {
  return native.maxDigits(check.algorithm(algorithm));
}

function releaseMemory() {
  native.releaseMemory();
}

const algorithms = Object.freeze([...check.ALGORITHMS]);
const version = native.version();

module.exports = {
  algorithms,
  blocks,
  digest,
  digits,
  digitsBuffer,
  digitsBufferSync,
  digitsFrom,
  digitsFromSync,
  digitsSync,
  hexDigits,
  iterate,
  maxDigits,
  memoryRequired,
  readable,
  releaseMemory,
  verify,
  version,
};
