//! Names the levels that the other tests of this package have run on.

use pi_spigot::cpu::Level;

#[test]
fn this_processor_has_neon() {
    let names: Vec<_> = Level::available().iter().map(|level| level.name()).collect();
    assert!(
        names.contains(&"neon"),
        "levels here are {names:?}: run `make test-neon`, which builds for aarch64"
    );
}
