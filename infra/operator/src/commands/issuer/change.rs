//! A change of the stored list: what it changes, whether the policy in force bears it, and its
//! write. Two operators at once cannot overwrite each other unseen: the version before is a
//! condition of the write.

use auth::caller::{AllowedIssuers, IssuerEntry, PrivateIssuers, allowed_issuers};
use auth::issuers::StoredIssuers;
use auth::ports::Write;
use auth::text::{printable, veiled};
use policy::PolicySet;
use serde::Serialize;
use wiring::Platform;

use super::file;
use crate::listed;
use crate::session::Session;

/// A change that has not been written yet.
pub(super) struct Change {
    before: Option<StoredIssuers>,
    next: StoredIssuers,
    entries: Vec<IssuerEntry>,
    old: Vec<IssuerEntry>,
}

/// What was changed, in JSON: the names of issuers.
#[derive(Serialize)]
pub(super) struct ChangeView<'a> {
    version: u64,
    digest: &'a str,
    /// Whether this command wrote it: the same list is not written again.
    changed: bool,
    added: Vec<&'a str>,
    replaced: Vec<&'a str>,
    removed: Vec<&'a str>,
}

/// What is stored now.
pub(super) async fn stored(platform: &Platform) -> anyhow::Result<Option<StoredIssuers>> {
    Ok(platform.store.issuers.current_issuers().await?)
}

/// Its entries. Fails where the list was changed behind its digest.
pub(super) fn entries(stored: Option<&StoredIssuers>) -> anyhow::Result<Vec<IssuerEntry>> {
    let entries = stored.map(StoredIssuers::entries).transpose();
    let entries = entries.map_err(|problems| {
        anyhow::anyhow!(
            "{problems}: put a whole list in its place (`operator issuer put FILE --only`)"
        )
    })?;
    Ok(entries.unwrap_or_default())
}

impl Change {
    /// From what is stored to `entries`.
    pub(super) fn new(
        before: Option<StoredIssuers>,
        entries: Vec<IssuerEntry>,
        platform: &Platform,
    ) -> Self {
        let old = before.as_ref().and_then(|before| before.entries().ok());
        Self {
            next: StoredIssuers::following(before.as_ref(), &entries, platform.clock.now()),
            old: old.unwrap_or_default(),
            before,
            entries,
        }
    }

    /// Writes it, unless the same list is stored, functions would not take it, or would not take
    /// the policy in force with it.
    pub(super) async fn write(
        &self,
        platform: &Platform,
        session: &mut Session<'_, '_>,
    ) -> anyhow::Result<()> {
        if !self.changes() {
            return Ok(());
        }
        if let Err(problems) = allowed_issuers(&self.entries) {
            file::print(&problems, session.console)?;
            anyhow::bail!("nothing was stored: with the stored ones this is no list to be taken");
        }
        self.check_policy(platform, session).await?;
        let written = platform.store.issuers.put_issuers(&self.next).await?;
        anyhow::ensure!(
            written == Write::Done,
            "another operator has stored version {} meanwhile, and nothing was written: look at \
             it (`operator issuer list`), and do this again if it is still right",
            self.next.version
        );
        Ok(())
    }

    /// A list that was changed behind its digest is written again, whatever its digest says.
    fn changes(&self) -> bool {
        let is_same =
            |before: &StoredIssuers| before.text == self.next.text && before.entries().is_ok();
        !self.before.as_ref().is_some_and(is_same)
    }

    /// A policy that permits workloads of an issuer which is private no more is refused by
    /// functions, and then every caller is. What does not pass already is not judged here: the
    /// functions may know of private issuers that this command was not given.
    async fn check_policy(
        &self,
        platform: &Platform,
        session: &mut Session<'_, '_>,
    ) -> anyhow::Result<()> {
        let first = listed::first(session)?;
        let private = |list| {
            AllowedIssuers::of(listed::stored(list), &first)
                .private()
                .clone()
        };
        let (before, after) = (private(self.before.as_ref()), private(Some(&self.next)));
        let Some(policy) = platform.store.policies.current().await?.in_force else {
            return Ok(());
        };
        let problems = |private: &PrivateIssuers| match PolicySet::parse_with(&policy.text, private)
        {
            Ok(_) => Vec::new(),
            Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
        };
        let known = problems(&before);
        let mut new = problems(&after);
        new.retain(|problem: &String| !known.contains(problem));
        if new.is_empty() {
            return Ok(());
        }
        for problem in new {
            writeln!(session.console.err, "  {}", printable(&veiled(&problem)))?;
        }
        anyhow::bail!(
            "nothing was stored: functions would take the policy in force no more. Put one without \
             what is listed first (`operator policy put FILE`), which holds within a minute, and \
             then do this again"
        )
    }

    /// The version that it writes.
    pub(super) fn version(&self) -> u64 {
        self.next.version
    }

    /// For a script.
    pub(super) fn view(&self) -> ChangeView<'_> {
        let changed = self.changes();
        let before = self.before.as_ref().filter(|_| !changed);
        let stored = before.unwrap_or(&self.next);
        let is_new = |entry: &&IssuerEntry| find(&self.old, entry).is_none();
        let is_other =
            |entry: &&IssuerEntry| find(&self.old, entry).is_some_and(|old| old != *entry);
        let is_gone = |entry: &&IssuerEntry| find(&self.entries, entry).is_none();
        ChangeView {
            version: stored.version,
            digest: &stored.digest,
            changed,
            added: names(self.entries.iter().filter(is_new)),
            replaced: names(self.entries.iter().filter(is_other)),
            removed: names(self.old.iter().filter(is_gone)),
        }
    }
}

impl ChangeView<'_> {
    /// For a person.
    pub(super) fn to_text(&self) -> String {
        let Self {
            version, digest, ..
        } = self;
        if !self.changed {
            return format!("version {version} is this very list: nothing to do.\n");
        }
        let lines = |word: &str, names: &[&str]| {
            let lines = names
                .iter()
                .map(|name| format!("{word} {}\n", printable(name)));
            lines.collect::<String>()
        };
        format!(
            "{}{}{}version {version} is stored; its digest is {digest}.\n\
             Functions that run take it up within a minute.\n",
            lines("added", &self.added),
            lines("replaced", &self.replaced),
            lines("removed", &self.removed)
        )
    }
}

fn find<'a>(list: &'a [IssuerEntry], like: &IssuerEntry) -> Option<&'a IssuerEntry> {
    list.iter().find(|entry| entry.issuer == like.issuer)
}

fn names<'a>(entries: impl Iterator<Item = &'a IssuerEntry>) -> Vec<&'a str> {
    entries.map(|entry| entry.issuer.as_str()).collect()
}
