//! The tables, in Markdown, and the machine that they are true of.

use std::time::Duration;

/// Prints one table; the first row names the columns.
pub(crate) fn table(title: &str, rows: &[Vec<String>]) {
    println!("### {title}\n");
    for (number, row) in rows.iter().enumerate() {
        println!("| {} |", row.join(" | "));
        if number == 0 {
            println!("|{}", "---|".repeat(row.len()));
        }
    }
    println!();
}

/// A line under a table.
pub(crate) fn note(text: &str) {
    println!("{text}\n");
}

/// The cells of a row.
pub(crate) fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// The middle one of some measurements.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The middle of the turns' ratios: both sides of each were measured side by side.
pub(crate) fn ratio(own: &[f64], other: &[f64]) -> f64 {
    let ratios: Vec<f64> = own.iter().zip(other).map(|(a, b)| a / b).collect();
    median(&ratios)
}

/// Microseconds for each of `count`.
pub(crate) fn micros_each(time: Duration, count: usize) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}
