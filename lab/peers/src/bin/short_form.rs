//! The well-known short program of Gibbons' spigot as a whole process: the yardstick of
//! this library's spigot.
//!
//! `cargo run --release --package pi-spigot-peers --bin short_form 1000`, in `lab/`

#[path = "../../../../benches/common/short_form.rs"]
mod short_form;

use short_form::ShortForm;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(digits) = env::args().nth(1).and_then(|text| text.parse().ok()) else {
        eprintln!("usage: short_form DIGITS, for example short_form 1000");
        return ExitCode::from(2);
    };
    let text: String = ShortForm::new().take(digits).map(|digit| char::from(b'0' + digit)).collect();
    println!("{}.{}", &text[..text.len().min(1)], &text[text.len().min(1)..]);
    ExitCode::SUCCESS
}
