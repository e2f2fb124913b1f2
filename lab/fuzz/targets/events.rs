//! libFuzzer writes the payload of an invocation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pi_spigot_fuzz::events::explains_itself;

fuzz_target!(|payload: &[u8]| {
    if let Err(why) = explains_itself(payload) {
        panic!("{why}\n{}", String::from_utf8_lossy(payload));
    }
});
