//! libFuzzer draws the operands and picks the law: coverage finds the rare
//! branches that random operands do not reach.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pi_spigot_fuzz::choices::Choices;
use pi_spigot_fuzz::integers::LAWS;
use pi_spigot_fuzz::operands::Operands;

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::from_bytes(bytes);
    let (name, law) = *choices.pick(LAWS);
    // A case must take about a millisecond here; the driver tries longer operands.
    let operands = Operands::draw(&mut choices, 400);
    if let Err(why) = law(&operands) {
        panic!("{name}: {why}\n{}", pi_spigot_fuzz::smaller::as_rust(&operands));
    }
});
