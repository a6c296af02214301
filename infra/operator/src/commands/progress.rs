//! The progress bar of what is done to many tenants, on standard error, for a person at a
//! terminal.

use std::cell::Cell;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const TEMPLATE: &str = "{bar:30} {pos} of {len} tenants{msg}, {eta} left";

/// A bar, or nothing.
pub(crate) struct Progress {
    bar: ProgressBar,
    refused: Cell<u64>,
}

impl Progress {
    /// `shown`: standard error is a terminal, and a person looks at it.
    pub(crate) fn new(rows: usize, shown: bool) -> Self {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(u64::try_from(rows).ok(), target);
        // No steady tick: its thread would wait for standard error, which main has locked.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            refused: Cell::new(0),
        }
    }

    /// One row more.
    pub(crate) fn row_done(&self, is_refused: bool) {
        if is_refused {
            self.refused.set(self.refused.get() + 1);
            self.bar
                .set_message(format!(", {} refused", self.refused.get()));
        }
        self.bar.inc(1);
    }

    /// Takes the bar away, before the report is printed.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one_and_no_bar_is_shown_unless_wanted() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
        assert!(Progress::new(3, false).bar.is_hidden());
    }
}
