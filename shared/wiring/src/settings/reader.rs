//! Settings, parsed once at start from a lookup that is passed in. All problems are
//! reported together, each with the variable's name; an unknown choice is an error,
//! never a default. Variables that concern a secret hold its name, never its value.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use auth::text::{Shown, is_certainly_secret, shown, shown_secret};

/// Where settings come from: the process environment, or a map.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError(pub Vec<String>);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings: {}", self.0.join("; "))
    }
}

/// Reads settings from `lookup`; all problems together.
pub fn read<T>(
    lookup: Lookup<'_>,
    read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, SettingsError> {
    let mut reader = Reader::new(lookup);
    let settings = read(&mut reader);
    reader.finish(settings)
}

/// Reads variables and collects what is wrong with them.
pub struct Reader<'a> {
    lookup: Lookup<'a>,
    problems: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(lookup: Lookup<'a>) -> Self {
        Self {
            lookup,
            problems: Vec::new(),
        }
    }

    /// A variable that may be missing.
    pub fn text(&mut self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    /// A variable that must be there and holds a name; `what` says what it names.
    pub fn required_text(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.text(name);
        if value.is_none() {
            self.problem(name, format_args!("is not set: it holds {what}"));
        }
        self.named(name, value?, shown)
    }

    /// As [`required_text`](Self::required_text), of a secret's name.
    pub fn required_secret_name(&mut self, name: &str, what: &str) -> Option<String> {
        match self.text(name) {
            Some(value) => self.named(name, value, shown_secret),
            None => self.required_text(name, what),
        }
    }

    /// A name that may be missing.
    pub fn name(&mut self, name: &str) -> Option<String> {
        let value = self.text(name)?;
        self.named(name, value, shown)
    }

    /// The name of a secret that may be missing.
    pub fn secret_name(&mut self, name: &str) -> Option<String> {
        let value = self.text(name)?;
        self.named(name, value, shown_secret)
    }

    /// Refuses what is given in a name's place by mistake: it would go into requests and
    /// into what others say about them.
    fn named(&mut self, name: &str, value: String, show: fn(&str) -> Shown<'_>) -> Option<String> {
        if is_certainly_secret(&value) {
            self.problem(name, format_args!("is {}", show(&value)));
            return None;
        }
        Some(value)
    }

    /// As [`required_text`](Self::required_text), parsed.
    pub fn required<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = self.required_text(name, what)?;
        self.parse(name, &value)
    }

    /// A variable that may be missing, parsed.
    pub fn optional<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let value = self.text(name)?;
        self.parse(name, &value)
    }

    /// Whole seconds within a range.
    pub fn seconds(
        &mut self,
        name: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Duration {
        let seconds = self.number(name, default, range);
        Duration::from_secs(seconds)
    }

    /// A whole number within a range.
    pub fn number(
        &mut self,
        name: &str,
        default: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> u64 {
        let Some(text) = self.text(name) else {
            return default;
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = range.into_inner();
            self.problem(
                name,
                format_args!("must be a whole number from {low} to {high}"),
            );
        }
        number.unwrap_or(default)
    }

    /// Notes what is wrong with a variable.
    pub fn problem(&mut self, name: &str, problem: impl fmt::Display) {
        self.problems.push(format!("{name} {problem}"));
    }

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, name: &str, value: &str) -> Option<T> {
        match value.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(name, error);
                None
            }
        }
    }

    /// The settings, unless something was wrong. `None` only ever comes with a problem.
    fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.problems.is_empty() => Ok(settings),
            _ => Err(SettingsError(self.problems)),
        }
    }
}
