//! Where a command writes, and who can be asked.

use std::fmt::Display;
use std::io::{self, BufRead, Read, Write};

use anyhow::Context as _;
use auth::secret::SecretString;

use crate::exit::UsageError;

/// The ends of a command. Tests hold them in memory.
pub struct Console<'a> {
    /// Results, and nothing else.
    pub out: &'a mut dyn Write,
    /// Questions and errors.
    pub err: &'a mut dyn Write,
    /// What a person at a terminal types; `None` where there is no person to ask.
    pub person: Option<&'a mut dyn BufRead>,
    /// What is piped in, where no person types. Read only when there is no `person`.
    pub piped: &'a mut dyn Read,
    /// A person looks at standard error, so that a progress bar may be drawn there.
    pub progress: bool,
    /// How many characters a line of standard output has; `None` where it is no terminal.
    pub width: Option<usize>,
    /// Reads a line that the person types without seeing it. Asked only when there is a
    /// `person`.
    pub unseen: &'a mut dyn FnMut() -> io::Result<String>,
}

impl Console<'_> {
    /// Refuses a command that would have to ask whether to do `deed` where there is no person
    /// to ask. `yes`: the command line says not to ask.
    pub fn check_answerable(&self, yes: bool, deed: impl Display) -> Result<(), UsageError> {
        if yes || self.person.is_some() {
            return Ok(());
        }
        let text = format!("no person can be asked here whether to {deed}: add --yes");
        Err(UsageError(text))
    }

    /// Asks, and fails after anything but yes. `unchanged`: what was not done then.
    pub fn ask(&mut self, question: &str, unchanged: &str) -> anyhow::Result<()> {
        let confirmed = self.confirm(question)?;
        anyhow::ensure!(confirmed, "{unchanged}: the answer was not yes");
        Ok(())
    }

    /// Standard input: what a person types, or what is piped in.
    pub fn input(&mut self) -> &mut dyn Read {
        match &mut self.person {
            Some(person) => person,
            None => &mut *self.piped,
        }
    }

    /// Asks the person to type the word `yes`. Anything else, and the end of the
    /// input, is a no; so is no person to ask.
    pub fn confirm(&mut self, question: &str) -> anyhow::Result<bool> {
        let Some(person) = self.person.as_mut() else {
            return Ok(false);
        };
        write!(self.err, "{question} Type yes to go on: ")?;
        self.err.flush()?;
        let mut answer = String::new();
        person
            .read_line(&mut answer)
            .context("the answer cannot be read: use --yes")?;
        Ok(answer.trim() == "yes")
    }

    /// Asks the person for a password, which is not shown; `None` when there is no
    /// person to ask.
    pub fn password(&mut self, question: &str) -> anyhow::Result<Option<SecretString>> {
        if self.person.is_none() {
            return Ok(None);
        }
        write!(self.err, "{question}: ")?;
        self.err.flush()?;
        let typed = (self.unseen)().context("the password cannot be read: use --password-file")?;
        Ok(Some(typed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_yes_confirms() {
        let rows = [
            (Some("yes\n"), true),
            (Some(" yes \r\n"), true),
            (Some("y\n"), false),
            (Some("YES\n"), false),
            (Some("no\nyes\n"), false),
            (Some(""), false),
            (None, false),
        ];
        for (typed, expected) in rows {
            let mut typed_bytes = typed.map(str::as_bytes);
            let mut console = Console {
                out: &mut Vec::new(),
                err: &mut Vec::new(),
                person: typed_bytes.as_mut().map(|bytes| bytes as &mut dyn BufRead),
                piped: &mut io::empty(),
                progress: false,
                width: None,
                unseen: &mut || Err(io::ErrorKind::Unsupported.into()),
            };
            assert_eq!(console.confirm("Sure?").unwrap(), expected, "{typed:?}");
        }
    }
}
