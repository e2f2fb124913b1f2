//! Linker settings of an addon: Node provides the symbols of Node-API.

fn main() {
    napi_build::setup();
}
