// The types, by tsd and by tsc in both kinds of modules.

import { Readable } from 'node:stream';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import * as pi from './lib/index.cjs';
import type { Algorithm, Count, Digest, Options, Verdict } from './lib/index.cjs';

const { signal } = new AbortController();

expectType<Promise<string>>(pi.digits(50));
expectType<Promise<string>>(pi.digits('1e6', { algorithm: 'gosper', threads: 2, signal }));
expectType<Promise<string>>(pi.digits(10n));
expectType<string>(pi.digitsSync(50, { threads: 1 }));
expectType<Promise<Buffer>>(pi.digitsBuffer(50, { signal }));
expectType<Buffer>(pi.digitsBufferSync(50));
expectType<Promise<string>>(pi.digitsFrom(762, 6));
expectType<string>(pi.digitsFromSync('1e6', 6n));
expectType<Promise<Digest>>(pi.digest(1000));
expectType<Promise<Verdict>>(pi.verify('3.14'));
expectType<Promise<Verdict>>(pi.verify(new Uint8Array(1), { threads: 1 }));
expectType<Promise<string>>(pi.hexDigits(1));
expectType<Promise<string>>(pi.hexDigits(10n ** 17n, 16, { formula: 'bbp', signal }));
expectType<AsyncGenerator<string, void, undefined>>(pi.blocks({ size: 10, n: '1e6', from: 2, signal }));
expectType<Generator<number, void, undefined>>(pi.iterate({ n: 5 }));
expectType<Readable>(pi.readable({ encoding: 'latin1', highWaterMark: 1024 }));
expectType<number>(pi.memoryRequired(1e8, { threads: 4 }));
expectType<number>(pi.maxDigits('gibbons'));
expectType<void>(pi.releaseMemory());
expectType<readonly Algorithm[]>(pi.algorithms);
expectType<string>(pi.version);

for await (const block of pi.blocks()) expectType<string>(block);
for (const digit of pi.iterate()) expectType<number>(digit);

expectAssignable<Count>('1_000');
expectNotAssignable<Count>(null);
expectAssignable<Options>({});
expectNotAssignable<Algorithm>('machin');

expectError(pi.digits());
expectError(pi.digits(null));
expectError(pi.digits(10, { thread: 1 }));
expectError(pi.digits(10, { algorithm: 'machin' }));
expectError(pi.digitsSync(10, { signal }));
expectError(pi.verify(3.14));
expectError(pi.verify('3', { algorithm: 'gosper' }));
expectError(pi.hexDigits(1, 16, { algorithm: 'gosper' }));
expectError(pi.iterate({ signal }));
expectError(pi.algorithms.push('gosper'));
