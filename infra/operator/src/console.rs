//! Where a command writes, and who can be asked.

use std::io::{self, BufRead, Read, Write};

use anyhow::Context as _;
use auth::secret::SecretString;

/// The ends of a command. Tests hold them in memory.
pub struct Console<'a> {
    /// Results, and nothing else.
    pub out: &'a mut dyn Write,
    /// Questions and errors.
    pub err: &'a mut dyn Write,
    /// What a person at a terminal types; `None` where nobody can be asked.
    pub person: Option<&'a mut dyn BufRead>,
    /// What is piped in, where nobody types. Read only when there is no `person`.
    pub piped: &'a mut dyn Read,
    /// A person looks at standard error, so that a progress bar may be drawn there.
    pub progress: bool,
    /// Reads a line that the person types and nobody sees. Asked only when there is a
    /// `person`.
    pub unseen: &'a mut dyn FnMut() -> io::Result<String>,
}

impl Console<'_> {
    /// Asks the person to type the word `yes`. Anything else, and the end of the
    /// input, is a no; so is nobody to ask.
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

    /// Asks the person for a password, which is not shown; `None` when there is nobody
    /// to ask.
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
                unseen: &mut || Err(io::ErrorKind::Unsupported.into()),
            };
            assert_eq!(console.confirm("Sure?").unwrap(), expected, "{typed:?}");
        }
    }
}
