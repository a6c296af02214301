//! What an operator does is written down before it is done, and how it ended after it
//! (decision 0053). Which commands are written down, and what of their arguments, each group of
//! commands says itself: [`Recorded`].
//!
//! A command gets its place from the session, and the session gives none before the deed stands
//! in the log: what leaves no line is not done.

use std::rc::Rc;
use std::sync::Arc;

use auth::operator_action::{Deed, Outcome};
use auth::ports::{Begun, Clock, OperatorLog};
use auth::text::excerpt;
use aws::SystemClock;
use tokio::sync::OnceCell;
use wiring::settings::Lookup;

use crate::place::Place;

/// The longest name of a user that is kept, in characters.
const USER_MAX: usize = 64;

/// Whether a command is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// It changes nothing and reads no secret.
    Not,
    /// Before anything is looked at.
    Always(Deed),
}

/// The options that were chosen: their words, never a value.
pub(crate) fn chosen(options: &[(&'static str, bool)]) -> Vec<&'static str> {
    let chosen = options.iter().filter(|(_, chosen)| *chosen);
    chosen.map(|(word, _)| *word).collect()
}

/// The log of one command.
pub(crate) struct Record {
    recorded: Recorded,
    open: OnceCell<Open>,
}

/// A deed that stands in the log.
struct Open {
    log: Arc<dyn OperatorLog>,
    begun: Begun,
}

impl Record {
    /// Nothing is written yet.
    pub(crate) fn of(recorded: Recorded) -> Rc<Self> {
        Rc::new(Self {
            recorded,
            open: OnceCell::new(),
        })
    }

    /// The command works at `place` from now on. Fails closed because what cannot be written down
    /// is not done.
    pub(crate) async fn at(
        &self,
        place: &Place<'_>,
        environment: Lookup<'_>,
    ) -> anyhow::Result<()> {
        match &self.recorded {
            Recorded::Always(deed) => self.begin(deed, place, environment).await,
            Recorded::Not => Ok(()),
        }
    }

    async fn begin(
        &self,
        deed: &Deed,
        place: &Place<'_>,
        environment: Lookup<'_>,
    ) -> anyhow::Result<()> {
        let open = self.open.get_or_try_init(|| async {
            let log = place.store().await?.operator_log;
            let actor = place.actor(&user(environment)).await;
            let begun = log.begin(deed, &actor, SystemClock.now()).await;
            let begun = begun.map_err(|error| {
                anyhow::anyhow!("nothing was done, because it cannot be written down: {error}")
            })?;
            anyhow::Ok(Open { log, begun })
        });
        open.await.map(drop)
    }

    /// How it ended. What fails here is reported and undoes nothing.
    pub(crate) async fn end(&self, outcome: Outcome) -> Result<(), String> {
        let Some(Open { log, begun }) = self.open.get() else {
            return Ok(());
        };
        let ended = log.end(begun, outcome, SystemClock.now()).await;
        ended.map(drop).map_err(|error| {
            let outcome = outcome.as_str();
            format!("that this ended ({outcome}) could not be written down: {error}")
        })
    }
}

/// The user of this machine, by the environment's word.
fn user(environment: Lookup<'_>) -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let name = names.into_iter().find_map(environment);
    match name {
        Some(name) => format!("os user {}", excerpt(&name, USER_MAX)),
        None => "os user unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_on_one_line_without_a_secret() {
        let rows: [(&[(&str, &str)], &str); 11] = [
            (&[("USER", "ada")], "os user ada"),
            (&[("LOGNAME", "ada")], "os user ada"),
            (&[("USERNAME", "Ada Lovelace")], "os user Ada Lovelace"),
            (&[("LOGNAME", "grace"), ("USER", "ada")], "os user ada"),
            (&[("HOME", "/root")], "os user unknown"),
            (&[], "os user unknown"),
            (&[("USER", "a\u{1b}[2Jb")], "os user a?[2Jb"),
            (&[("USER", "a\nb")], "os user a?b"),
            (&[("USER", "Zoë 漢")], "os user Zoë 漢"),
            (
                &[("USER", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")],
                "os user [49 characters not shown]",
            ),
            (
                &[("USER", "m365tb_collector_AAAAAAAAAAAAAAAAAAAA")],
                "os user [37 characters not shown]",
            ),
        ];
        for (variables, expected) in rows {
            let lookup = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(user(&lookup), expected, "{variables:?}");
        }
        let long = "x y ".repeat(100);
        let named = user(&|_| Some(long.clone()));
        assert_eq!(named.chars().count(), "os user ".len() + USER_MAX);
    }
}
