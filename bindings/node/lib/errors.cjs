'use strict';

// Errors as Node's own modules have them: a class, a code, and words that name the remedy.

function withCode(error, code) {
  error.code = code;
  return error;
}

/** A number outside of its range. */
const outOfRange = (words) => withCode(new RangeError(words), 'ERR_OUT_OF_RANGE');

/** An argument of a wrong type. */
const wrongType = (words) => withCode(new TypeError(words), 'ERR_INVALID_ARG_TYPE');

/** A text or a name that denotes nothing. */
const wrongValue = (words) => withCode(new TypeError(words), 'ERR_INVALID_ARG_VALUE');

/** Digits that need more memory than there is. */
const noMemory = (words) => withCode(new RangeError(words), 'ERR_PI_MEMORY');

/** The error of an aborted call; its cause is the reason of the signal. */
class AbortError extends Error {
  constructor(signal) {
    super('The operation was aborted', { cause: signal.reason });
    this.name = 'AbortError';
    this.code = 'ABORT_ERR';
  }
}

/** A value as a message shows it: short, and quoted if it is text. */
function shown(value) {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  if (value === null || ['number', 'bigint', 'boolean', 'undefined'].includes(typeof value)) {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

module.exports = { AbortError, noMemory, outOfRange, shown, wrongType, wrongValue };
