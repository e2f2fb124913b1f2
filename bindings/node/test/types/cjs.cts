// Compiled by tsc with `strict` as a CommonJS module that uses the package by its name.
import pi = require('pi-spigot');

const verdict: Promise<pi.Verdict> = pi.verify('3.14');
const first: number | void = pi.iterate().next().value;
export = { verdict, first };
