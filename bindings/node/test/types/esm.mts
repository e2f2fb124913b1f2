// Compiled by tsc with `strict` as an ES module that uses the package by its name.
import { blocks, digits, readable, type Digest, type Options } from 'pi-spigot';
import * as pi from 'pi-spigot';

const options: Options = { algorithm: 'chudnovsky' };
const text: string = await digits(50, options);
const digest: Digest = await pi.digest('1e3');
for await (const block of blocks({ n: 10 })) block.toUpperCase();
readable({ n: 10 }).pipe(process.stdout);
export { digest, text };
