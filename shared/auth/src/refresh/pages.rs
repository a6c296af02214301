//! What there is to look at, as one stream over the shards: of each first what waits for no
//! turn, the longest due first, then the slots whose turn came, in the order of their turns.
//!
//! Pages are followed by the key that they ended at, whatever became of their records, and a
//! shard's next page is read while the last one is worked on. Two shards are open at a time, so
//! that no key of the index is hot and one shard's last renewals keep nobody waiting: what is
//! under way is bounded once, for the whole run.

use std::collections::VecDeque;
use std::future::ready;
use std::ops::RangeInclusive;
use std::sync::Arc;

use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, join};

use super::run::{By, Named, Run};
use super::shard::Shard;
use crate::ports::{DuePage, PageEnd, Paging, ReadRecord, StoreError};

/// Rows of one page, and records of one read.
const PAGE: u32 = 100;
const SHARDS_AT_A_TIME: usize = 2;

/// A record that is to be looked at.
struct Work {
    shard: Arc<Shard>,
    named: Named,
    read: ReadRecord,
    by: By,
}

/// What comes next of a shard.
enum Next {
    /// It was not begun.
    Begin,
    /// More of what waits for no turn, and what its turn brought after that.
    Pressing(PageEnd, Option<Turned>),
    /// What its turn brought.
    Turned(Turned),
}

/// Records that their slot's turn brought, at least one, and the slots after them.
struct Turned {
    records: Vec<Named>,
    rest: Slots,
}

/// Slots that were not read yet, and where the page before them ended.
struct Slots {
    ranges: VecDeque<RangeInclusive<u8>>,
    after: Option<PageEnd>,
}

type Part = (Vec<Work>, Option<Next>);

impl Run<'_> {
    /// Looks at every shard. Once the run is over, it only finds out what it leaves.
    pub(super) async fn shards(&self) -> Result<(), StoreError> {
        let shards: Vec<_> = self.in_order().await?.into_iter().map(Arc::new).collect();
        stream::iter(shards.clone())
            .map(|shard| self.of_shard(shard))
            .flatten_unordered(SHARDS_AT_A_TIME)
            .map(|work| self.look(work))
            .buffer_unordered(self.refresh.concurrency.max(1))
            .for_each(|()| ready(()))
            .await;
        for shard in &shards {
            self.conclude(shard).await;
        }
        Ok(())
    }

    async fn look(&self, work: Work) {
        let looked = self.one(&work.named, work.read, work.by).await;
        if !looked && work.by == By::Turn {
            work.shard.leaves(work.named.0, self.turns());
        }
    }

    fn of_shard(&self, shard: Arc<Shard>) -> BoxStream<'_, Work> {
        stream::unfold((shard, Some(Next::Begin)), async |(shard, next)| {
            let (work, next) = self.part(&shard, next?).await;
            Some((stream::iter(work), (shard, next)))
        })
        .flatten()
        .boxed()
    }

    /// The next records of a shard. A shard that cannot be read is left; a table that does not
    /// answer ends the run.
    async fn part(&self, shard: &Arc<Shard>, next: Next) -> Part {
        let part = match next {
            Next::Begin => self.begin(shard).await,
            Next::Pressing(end, turned) => self.pressing(shard, end, turned).await,
            Next::Turned(turned) => self.turned(shard, turned).await,
        };
        part.unwrap_or_else(|error| {
            shard.stays();
            match &error {
                StoreError::Throttled(_) => self.throttled(&error),
                _ => self.table_failed(&error),
            }
            (Vec::new(), None)
        })
    }

    async fn begin(&self, shard: &Arc<Shard>) -> Result<Part, StoreError> {
        if !self.table_answers() {
            return Ok((Vec::new(), None));
        }
        let at = self.refresh.clock.now();
        shard.begin(at);
        let pressing = self.due(shard, None).await?;
        let slots = Slots {
            ranges: self.turns().between(shard.looked, at).into(),
            after: None,
        };
        let turned = self.in_turn(shard, slots).await?;
        if pressing.records.is_empty() && turned.is_none() {
            return Ok((Vec::new(), None));
        }
        if self.is_over() {
            self.leave_more(pressing.next.is_some());
            self.leave_turns(shard, turned.as_ref());
            let left = self.read(shard, pressing.records, By::Time).await;
            return Ok((left, None));
        }
        if !self.takes(shard, at).await? {
            match shard.looked {
                Some(_) => shard.stays(),
                // Without a mark, what was found says which turns some run has still to look at.
                None => self.leave_turns(shard, turned.as_ref()),
            }
            return Ok((Vec::new(), None));
        }
        let work = self.read(shard, pressing.records, By::Time).await;
        Ok((work, Next::after(pressing.next, turned)))
    }

    async fn pressing(
        &self,
        shard: &Arc<Shard>,
        end: PageEnd,
        turned: Option<Turned>,
    ) -> Result<Part, StoreError> {
        if self.is_over() {
            self.leave_more(true);
            self.leave_turns(shard, turned.as_ref());
            return Ok((Vec::new(), None));
        }
        let page = self.due(shard, Some(end)).await?;
        let work = self.read(shard, page.records, By::Time).await;
        Ok((work, Next::after(page.next, turned)))
    }

    async fn turned(&self, shard: &Arc<Shard>, turned: Turned) -> Result<Part, StoreError> {
        if self.is_over() {
            self.leave_turns(shard, Some(&turned));
            return Ok((Vec::new(), None));
        }
        let (work, rest) = join!(
            self.read(shard, turned.records, By::Turn),
            self.in_turn(shard, turned.rest),
        );
        Ok((work, rest?.map(Next::Turned)))
    }

    /// A page of what waits for no turn. One without a record that can be named is followed by
    /// the next.
    async fn due(&self, shard: &Shard, after: Option<PageEnd>) -> Result<DuePage, StoreError> {
        let tokens = &self.refresh.tokens;
        let at = shard.at().unwrap_or_default();
        let mut paging = Paging { rows: PAGE, after };
        loop {
            let ask = || tokens.due(shard.number, at, &paging);
            let page = self.patience.with(ask).await?;
            if !page.records.is_empty() || page.next.is_none() {
                return Ok(page);
            }
            paging.after = page.next;
        }
    }

    /// The next records that their slot's turn brought; `None` where there are no more.
    async fn in_turn(&self, shard: &Shard, slots: Slots) -> Result<Option<Turned>, StoreError> {
        let tokens = &self.refresh.tokens;
        let Slots { mut ranges, after } = slots;
        let mut paging = Paging { rows: PAGE, after };
        while let Some(range) = ranges.front() {
            let ask = || tokens.at_turns(shard.number, range, &paging);
            let page = self.patience.with(ask).await?;
            if page.next.is_none() {
                ranges.pop_front();
            }
            paging.after = page.next;
            if !page.records.is_empty() {
                let after = paging.after;
                let rest = Slots { ranges, after };
                let records = page.records;
                return Ok(Some(Turned { records, rest }));
            }
        }
        Ok(None)
    }

    /// Each with its record, all read at once.
    async fn read(&self, shard: &Arc<Shard>, named: Vec<Named>, by: By) -> Vec<Work> {
        let tokens = &self.refresh.tokens;
        let read = self.patience.with(|| tokens.read_each(&named)).await;
        let work = |(named, read)| Work {
            shard: Arc::clone(shard),
            named,
            read,
            by,
        };
        named.into_iter().zip(read).map(work).collect()
    }

    /// What a page does not show has perhaps no life left: too little is reported rather than
    /// too much.
    fn leave_more(&self, is_more: bool) {
        if is_more && self.table_answers() {
            self.tally.lives(0);
        }
    }

    /// Turns are looked at in their order: what is left begins with the first of these.
    fn leave_turns(&self, shard: &Shard, turned: Option<&Turned>) {
        let first = turned.and_then(|turned| turned.records.first());
        if let Some((tenant, _)) = first {
            shard.leaves(*tenant, self.turns());
        }
    }
}

impl Next {
    fn after(pressing: Option<PageEnd>, turned: Option<Turned>) -> Option<Self> {
        match pressing {
            Some(end) => Some(Next::Pressing(end, turned)),
            None => turned.map(Next::Turned),
        }
    }
}
