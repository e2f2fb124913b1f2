// Digits of pi by the well-known short form of Gibbons' spigot, and a function that does nothing.

import { createHash } from "node:crypto";

/** One digit from every term, without end; Gibbons (2006), Gosper's series. */
function* digitsOfPi() {
  let [q, r, t, i] = [1n, 180n, 60n, 2n];
  for (;;) {
    const u = 3n * (3n * i + 1n) * (3n * i + 2n);
    const y = (q * (27n * i - 12n) + 5n * r) / (5n * t);
    yield y;
    [q, r, t, i] = [
      10n * q * i * (2n * i - 1n),
      10n * u * (q * (5n * i - 2n) + r - y * t),
      t * u,
      i + 1n,
    ];
  }
}

/** `{"digits": 1000}` or `{"digits": "1_000"}`, answered as pi-spigot does. */
export async function spigot(event, context) {
  const count = Number(String(event.digits).replaceAll("_", ""));
  const start = performance.now();
  let digits = "";
  for (const digit of digitsOfPi()) {
    digits += digit;
    if (digits.length === count) break;
  }
  const pi = digits.slice(0, 1) + (count > 1 ? "." + digits.slice(1) : "");
  return {
    digits: count,
    pi,
    algorithm: "short-form",
    sha256: createHash("sha256").update(pi).digest("hex"),
    compute_ms: Math.round((performance.now() - start) * 1e3) / 1e3,
    request_id: context.awsRequestId,
  };
}

/** Does nothing: the cost of the framework alone. */
export async function nothing() {
  return {};
}
