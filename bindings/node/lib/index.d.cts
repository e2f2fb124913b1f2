/// <reference types="node" />

import { Readable } from 'node:stream';

/**
 * A way to compute decimal digits: `chudnovsky` (the default, O(n log³ n)), `gosper` (some five times
 * as long), `gibbons` (the digit-at-a-time spigot, O(n²), for a few thousand digits).
 */
export type Algorithm = 'chudnovsky' | 'gosper' | 'gibbons';

/** A series for hexadecimal digits at any position: `bellard` (the default) or `bbp`. */
export type Formula = 'bellard' | 'bbp';

/**
 * A number of digits or a position from 1 to 1,000,000,000,000, where the leading 3 is the first:
 * a number, a bigint, or text such as `"10_000"` or `"1e6"`.
 */
export type Count = number | bigint | string;

/** Options of a computation on the calling thread. */
export interface SyncOptions {
  algorithm?: Algorithm;
  /** Threads, 1 to 1024. The default is a fair share of the CPUs, and 1 for few digits. */
  threads?: number;
}

/** Options of a computation off the JavaScript thread. */
export interface Options extends SyncOptions {
  /** Stops the computation within a tenth of a second. The promise is rejected with an `AbortError`. */
  signal?: AbortSignal;
}

/** Options of an iterator or a stream. */
export interface StreamOptions extends SyncOptions {
  /** Digits until the end; without it the stream has no end. */
  n?: Count;
  /** Position of the first digit; the default is 1, the leading 3. */
  from?: Count;
}

/** Options of {@link blocks}. */
export interface BlockOptions extends StreamOptions {
  /** Digits of a block, 1 to 268,435,456; the default is 1000. */
  size?: number;
  signal?: AbortSignal;
}

/** Options of {@link readable}. */
export interface ReadableOptions extends StreamOptions {
  signal?: AbortSignal;
  /** Chunks are strings of this encoding; without it they are Buffers. */
  encoding?: BufferEncoding;
  /** Bytes that are computed ahead of the reader; the default is 65,536. */
  highWaterMark?: number;
}

/** The summary of a text of digits. */
export interface Digest {
  /** The number of digits. */
  digits: number;
  /** SHA-256 of the text, point included, in lower-case hexadecimal. */
  sha256: string;
  /** The first 50 digits, with the point. */
  first: string;
  /** The last 50 digits. */
  last: string;
}

/** The result of a check against Bellard's formula. */
export interface Verdict {
  /** The text begins with 3, and its last bits are those of the formula. */
  agrees: boolean;
  /** The bit behind the point at which the 64 compared bits begin. */
  bit: number;
  /** The compared bits of the text. */
  computed: bigint;
  /** The bits by the formula. */
  expected: bigint;
  /** Units by which the two may differ. */
  tolerance: bigint;
}

/**
 * The text of the first `n` digits, "3." and `n - 1` decimals, truncated, never rounded. It is computed
 * off the JavaScript thread, on threads of the package: libuv's pool stays free.
 *
 * Rejects with a `RangeError` if `n` is out of range, if the text is longer than a string can be
 * (536,870,888 digits: use {@link digitsBuffer}) or if memory is short (code `ERR_PI_MEMORY`), with a
 * `TypeError` for a wrong type or option, and with an `AbortError` when the signal aborts.
 */
export function digits(n: Count, options?: Options): Promise<string>;

/** {@link digits} on the calling thread, for a few digits or for scripts: nothing else runs meanwhile. */
export function digitsSync(n: Count, options?: SyncOptions): string;

/** {@link digits} as a Buffer of ASCII, without a copy: for texts that are too long for a string. */
export function digitsBuffer(n: Count, options?: Options): Promise<Buffer>;

/** {@link digitsBuffer} on the calling thread. */
export function digitsBufferSync(n: Count, options?: SyncOptions): Buffer;

/**
 * `n` digits from a position on, where the leading 3 has position 1. The text has a point only if it
 * begins with the leading 3. All digits before are computed too.
 */
export function digitsFrom(position: Count, n: Count, options?: Options): Promise<string>;

/** {@link digitsFrom} on the calling thread. */
export function digitsFromSync(position: Count, n: Count, options?: SyncOptions): string;

/** SHA-256, first and last digits of the text of {@link digits}, without the text in JavaScript's memory. */
export function digest(n: Count, options?: Options): Promise<Digest>;

/**
 * Checks decimal digits of pi from any source, "3.1415..." as text or as ASCII, by a formula for their
 * last bits that needs none of the digits before. Takes less time than the digits took. Blanks and line
 * ends behind the digits do not count.
 *
 * Rejects with a `TypeError` if there is no digit, or anything but digits behind the point.
 */
export function verify(text: string | Uint8Array, options?: Omit<Options, 'algorithm'>): Promise<Verdict>;

/** Options of {@link hexDigits}. */
export interface HexOptions extends Omit<Options, 'algorithm'> {
  formula?: Formula;
}

/**
 * `n` hexadecimal digits from a position on, 1 to 10,000, upper case, without those before. The digit
 * behind the point, 2, has position 1; the last position is 288,230,376,151,711,744.
 */
export function hexDigits(position: number | bigint | string, n?: number, options?: HexOptions): Promise<string>;

/**
 * The text of pi in blocks, without an end or up to `n` digits. The next block is computed when it is
 * asked for. Leaving the loop frees the memory.
 *
 * @example
 * for await (const block of blocks({ size: 50 })) {
 *   if (block.includes('999999')) break;
 * }
 */
export function blocks(options?: BlockOptions): AsyncGenerator<string, void, undefined>;

/**
 * The digits one by one as numbers, 3, 1, 4, 1, ..., computed on the calling thread.
 */
export function iterate(options?: StreamOptions): Generator<number, void, undefined>;

/**
 * The text of pi as a stream with back pressure, without an end or up to `n` digits. Destroying it
 * stops the computation.
 *
 * @example
 * await pipeline(readable({ n: '1e6' }), createWriteStream('pi.txt'));
 */
export function readable(options?: ReadableOptions): Readable;

/** Bytes of memory that a computation of `n` digits takes at its peak: an estimate, within an eighth. */
export function memoryRequired(n: Count, options?: SyncOptions): number;

/** The position of the last digit that an algorithm can compute. */
export function maxDigits(algorithm?: Algorithm): number;

/** Returns memory that is kept for the next computations to the operating system. */
export function releaseMemory(): void;

/** The names of all algorithms, the fastest first. */
export const algorithms: readonly Algorithm[];

/** The version of the package. */
export const version: string;
