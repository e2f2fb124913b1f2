//! The tables as Markdown, and the record as JSON.

use crate::args::Args;
use crate::digits::{Cell, Contender};
use crate::machine::Machine;
use crate::peer::Peer;
use crate::products::Row;
use serde_json::json;
use std::fs::File;
use std::path::Path;

/// Opens the file of the record.
///
/// # Errors
/// If it cannot be written.
pub fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| format!("--json {}: {error}", path.display()))
}

/// Writes the record.
///
/// # Errors
/// If the file cannot be written.
pub fn save(file: File, machine: &Machine, digits: &[Cell], products: &[Row]) -> Result<(), String> {
    let record = json!({ "machine": machine, "digits": digits, "products_ns_per_limb": products });
    serde_json::to_writer_pretty(file, &record).map_err(|error| format!("--json: {error}"))
}

/// Prints both tables; an empty one is left out.
pub fn print(args: &Args, digits: &[Cell], products: &[Row]) {
    if !digits.is_empty() {
        print!("{}", digits_table(args, digits));
    }
    if !products.is_empty() {
        print!("{}", products_table(products));
    }
}

fn digits_table(args: &Args, cells: &[Cell]) -> String {
    let mut sizes = args.digits.clone();
    sizes.sort_unstable();
    let mut table = format!(
        "Seconds for the text of N digits of pi (x: times ours), in products of N digits (M), \
         and bytes of peak \
         memory per digit; medians of {} runs.\n\n|",
        args.runs
    );
    sizes.iter().for_each(|n| table += &format!(" | {} digits", scientific(*n)));
    table += " |\n|---";
    sizes.iter().for_each(|_| table += "|---");
    table += "|\n";
    for contender in Contender::all(args) {
        table += &format!("| {}", contender.name());
        for &n in &sizes {
            table += &format!(" | {}", cell_text(args, cells, &contender.key(), n));
        }
        table += " |\n";
    }
    table += &format!(
        "\nUp to 20,000 digits warm, in one process; above, each run is a process of its own. \
         A cell above 20 s was \
         run once; \"> {} s\" was stopped, and sits out larger sizes. Programs start anew in each run.\n\n",
        args.limit
    );
    table
}

fn cell_text(args: &Args, cells: &[Cell], peer: &str, digits: usize) -> String {
    let find = |peer: &str| cells.iter().find(|cell| cell.peer == peer && cell.digits == digits);
    let Some((seconds, cell)) = find(peer).and_then(|cell| Some((cell.seconds()?, cell))) else {
        return format!("> {} s", args.limit);
    };
    let ours = Peer::Ours.argument();
    let ratio = find(&ours).filter(|_| peer != ours).and_then(Cell::seconds);
    let ratio = ratio.map_or_else(String::new, |ours| format!(", {:.2} x", seconds / ours));
    let bytes = cell.bytes_per_digit().map_or_else(String::new, |bytes| format!(", {bytes:.1} B"));
    let products = cell.products().map_or_else(String::new, |products| format!(", {products:.0} M"));
    format!("{}{ratio}{products}{bytes}", significant(seconds))
}

fn products_table(rows: &[Row]) -> String {
    let mut table = "Products of n by n limbs, ns per limb of one operand (x: times ours).\n\n\
                     | limbs | ours | malachite | rug (GMP) |\n|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let peer = |ns: f64| format!("{}, {:.2} x", significant(ns), ns / row.ours);
        let (malachite, rug) = (peer(row.malachite), peer(row.rug));
        let limbs = scientific(row.limbs);
        table += &format!("| {limbs} | {} | {malachite} | {rug} |\n", significant(row.ours));
    }
    table
}

/// Three significant digits.
fn significant(value: f64) -> String {
    let magnitude = value.abs().max(1e-9).log10().floor() as i32;
    format!("{value:.*}", (2 - magnitude).max(0) as usize)
}

/// `1e5` for 100000; other numbers in full.
fn scientific(n: usize) -> String {
    let text = n.to_string();
    let zeros = text.len() - text.trim_end_matches('0').len();
    if zeros < 3 { text } else { format!("{}e{zeros}", &text[..text.len() - zeros]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0.000_471_2, 0.0123, 1.0, 93.61, 842.4].map(significant),
            ["0.000471", "0.0123", "1.00", "93.6", "842"]
        );
        assert_eq!(
            [50, 500, 5000, 100_000, 12_345_000].map(scientific),
            ["50", "500", "5e3", "1e5", "12345e3"]
        );
    }
}
