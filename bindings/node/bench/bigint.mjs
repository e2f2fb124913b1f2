// Digits of pi by programs of BigInt alone, as a reader would write them.

/** The text of n digits by the well-known short form of Gibbons' spigot (2006), one digit from every term. */
export function spigot(n) {
  let [q, r, t, i] = [1n, 180n, 60n, 2n];
  let digits = '';
  while (digits.length < n) {
    const u = 3n * (3n * i + 1n) * (3n * i + 2n);
    const y = (q * (27n * i - 12n) + 5n * r) / (5n * t);
    digits += y;
    [q, r, t, i] = [10n * q * i * (2n * i - 1n), 10n * u * (q * (5n * i - 2n) + r - y * t), t * u, i + 1n];
  }
  return `${digits[0]}.${digits.slice(1)}`;
}

const C3_OVER_24 = 640320n ** 3n / 24n;

/** P, Q and T of the Chudnovskys' series over the terms a to b - 1, by binary splitting. */
function split(a, b) {
  if (b - a === 1n) {
    if (a === 0n) return [1n, 1n, 13591409n];
    const p = (6n * a - 5n) * (2n * a - 1n) * (6n * a - 1n);
    const t = p * (13591409n + 545140134n * a);
    return [p, a * a * a * C3_OVER_24, a % 2n === 0n ? t : -t];
  }
  const middle = (a + b) / 2n;
  const [p1, q1, t1] = split(a, middle);
  const [p2, q2, t2] = split(middle, b);
  return [p1 * p2, q1 * q2, q2 * t1 + p1 * t2];
}

/** The integer square root of x by Newton's iteration from the root of the upper half of the bits. */
function root(x, bits) {
  if (bits < 100) return BigInt(Math.floor(Math.sqrt(Number(x))));
  const shift = BigInt(Math.floor((bits - 2) / 4));
  const upper = root(x >> (2n * shift), bits - 2 * Number(shift)) << shift;
  return (upper + x / upper) >> 1n;
}

/** The text of n digits by the Chudnovskys' series, on as fast an algorithm as BigInt allows. */
export function chudnovsky(n) {
  const guard = 10;
  const [, q, t] = split(0n, BigInt(Math.ceil(n / 14.18) + 1));
  const decimals = n - 1 + guard;
  const bits = Math.ceil(2 * decimals * Math.log2(10)) + 14;
  const digits = ((q * 426880n * root(10005n * 10n ** BigInt(2 * decimals), bits)) / t).toString();
  return `${digits[0]}.${digits.slice(1, n)}`;
}
