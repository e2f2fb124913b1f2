// Digits of pi by the package pi-spigot, whose addon is the Rust library.

import { createHash } from "node:crypto";
import { digits } from "pi-spigot";

/** `{"digits": 1000, "algorithm": "gibbons"}`, answered as the function in Rust does. */
export async function pi(event, context) {
  const { digits: count, algorithm = "chudnovsky" } = event;
  const start = performance.now();
  const text = await digits(count, { algorithm });
  return {
    digits: Number(String(count).replaceAll("_", "")),
    pi: text,
    algorithm,
    sha256: createHash("sha256").update(text).digest("hex"),
    compute_ms: Math.round((performance.now() - start) * 1e3) / 1e3,
    request_id: context.awsRequestId,
  };
}
