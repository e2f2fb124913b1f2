'use strict';

// Iterators and Node's streams over an open stream of the addon. Nothing is computed before somebody
// reads, and no more than one read ahead.

const { Readable } = require('node:stream');
const check = require('./arguments.cjs');
const { engine, isCancelled, next, start } = require('./calls.cjs');

/** Digits of a block, unless the caller says otherwise. */
const BLOCK = 1000;
const MOST_OF_BLOCK = 1 << 28;
/** Digits that one call of the addon brings at most, if blocks are smaller. */
const BATCH = 1 << 16;

const OPTIONS = ['n', 'from', 'algorithm', 'threads'];
const BLOCK_OPTIONS = [...OPTIONS, 'size', 'signal'];
const READABLE_OPTIONS = [...OPTIONS, 'signal', 'encoding', 'highWaterMark'];

/** An open stream of the addon, by the options. */
function open({ n, from, algorithm, threads: given }) {
  const range = {
    algorithm: check.algorithm(algorithm),
    from: from === undefined ? 1 : check.count(from, 'from'),
    n: n === undefined ? 0 : check.count(n, 'n'),
    threads: check.threads(given),
  };
  const threads = check.checkAny({ ...range, n: Math.max(range.n, 1) });
  return {
    stream: engine.open(range.algorithm, range.from, range.n, threads),
    // The spigot computes digit by digit: a batch would only delay the first block of it.
    batch: check.ALGORITHMS[range.algorithm] === 'gibbons' ? 1 : BATCH,
    point: range.from === 1,
  };
}

/** The blocks of a chunk. The first chunk of a text has a point, which is not counted. */
function* cut(chunk, size, point) {
  let at = 0;
  if (point && chunk[1] === '.') {
    at = size + 1;
    yield chunk.slice(0, at);
  }
  for (; at < chunk.length; at += size) yield chunk.slice(at, at + size);
}

/** Digits for the next call: one block, then more, so that the first block is early. */
const grown = (digits, size, batch) => (2 * digits <= Math.max(size, batch) ? 2 * digits : digits);

async function* generateBlocks({ stream, batch, point }, size, signal) {
  try {
    for (let digits = size; ; digits = grown(digits, size, batch)) {
      const chunk = await start(signal, (call) => engine.read(call, stream, digits, false));
      if (chunk === null) return;
      yield* cut(chunk, size, point);
      point = false;
    }
  } finally {
    stream.close();
  }
}

function blocks(options) {
  const { size, signal, ...rest } = check.options(options, BLOCK_OPTIONS);
  const digits = size === undefined ? BLOCK : check.integer(size, 'size', 1, MOST_OF_BLOCK);
  check.signal(signal);
  return generateBlocks(open(rest), digits, signal);
}

function* generateDigits({ stream, batch }) {
  try {
    for (let digits = 1; ; digits = grown(digits, 1, batch)) {
      const chunk = engine.readSync(stream, digits);
      if (chunk === null) return;
      for (let at = 0; at < chunk.length; at += 1) {
        const digit = chunk.charCodeAt(at) - 48;
        // The point comes before the digits in ASCII.
        if (digit >= 0) yield digit;
      }
    }
  } finally {
    stream.close();
  }
}

function iterate(options) {
  return generateDigits(open(check.options(options, OPTIONS)));
}

/** A Readable of the text, as bytes or, with an encoding, as strings. */
class DigitStream extends Readable {
  #source;
  #call = 0;
  #reading = null;

  constructor(source, options) {
    super({ ...options, objectMode: false });
    this.#source = source;
  }

  _read(size) {
    const { stream, batch } = this.#source;
    this.#call = next();
    const digits = batch === 1 ? Math.min(size, BLOCK) : size;
    this.#reading = engine.read(this.#call, stream, digits, true).then(
      (block) => {
        this.#reading = null;
        this.push(block);
      },
      (error) => {
        this.#reading = null;
        // Only `destroy` cancels a read, and it waits for the end of it.
        if (!isCancelled(error)) this.destroy(error);
      },
    );
  }

  async _destroy(error, callback) {
    if (this.#reading !== null) {
      engine.cancel(this.#call);
      await this.#reading;
    }
    this.#source.stream.close();
    callback(error);
  }
}

function readable(options) {
  const { signal, encoding, highWaterMark = BATCH, ...rest } = check.options(options, READABLE_OPTIONS);
  check.signal(signal);
  check.integer(highWaterMark, 'highWaterMark', 1, MOST_OF_BLOCK);
  return new DigitStream(open(rest), { signal, encoding, highWaterMark });
}

module.exports = { blocks, iterate, readable };
