//! Circles of files: of a graph, the strongly connected parts with more than one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::uses::Uses;

/// Each circle, its files sorted.
pub(crate) fn of(uses: &Uses) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses
        .keys()
        .map(|file| (file.as_str(), reached_from(uses, file)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, below) in &reached {
        let back = |other: &&&str| reached[**other].contains(file);
        let circle: Vec<&str> = below.iter().filter(back).copied().collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    let owned = |circle: Vec<&str>| circle.into_iter().map(str::to_owned).collect();
    circles.into_iter().map(owned).collect()
}

/// Every file that `file` uses, through whatever others.
fn reached_from<'a>(uses: &'a Uses, file: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        for used in uses[file].keys() {
            if reached.insert(used.as_str()) {
                next.push(used);
            }
        }
    }
    reached
}

/// A circle with the paths that make it, for the person who breaks it.
pub(crate) fn described(library: &str, circle: &[String], uses: &Uses) -> String {
    let mut text = format!("{library}: a circle of {} files", circle.len());
    for file in circle {
        for (used, paths) in &uses[file] {
            if circle.contains(used) {
                let paths = paths.iter().cloned().collect::<Vec<_>>().join(", ");
                let _ = write!(text, "\n  {file} uses {used}: {paths}");
            }
        }
    }
    text
}
