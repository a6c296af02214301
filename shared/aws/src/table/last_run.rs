//! The refresher's last run (the port `Runs`): one write unit a run, two where the fleet's
//! state changes, because a transaction's writes cost twice.

use async_trait::async_trait;
use auth::event::Event;
use auth::fleet::FleetChange;
use auth::last_run::LastRun;
use auth::ports::{Runs, StoreError, Write};

use super::capacity::Operation;
use super::items::last_run;
use super::keys;
use super::outbox_parts::OutboxOf;
use super::requests::Table;
use super::transaction::Transaction;

#[async_trait]
impl Runs for Table {
    async fn last_run(&self) -> Result<Option<LastRun>, StoreError> {
        let item = self.get_item(last_run::key(), Operation::ReadRun, true);
        item.await?.as_ref().map(last_run::read).transpose()
    }

    async fn put_last_run(
        &self,
        run: &LastRun,
        change: Option<&FleetChange>,
    ) -> Result<Write, StoreError> {
        let version = self.new_version();
        let (row, as_read) = (last_run::write(run, &version), last_run::as_read(run));
        let Some(change) = change else {
            let ours = Some((keys::VERSION, version.0.as_str()));
            let row = row.on(as_read);
            let write = self.update_item(last_run::key(), row, ours, Operation::PutRun);
            return write.await;
        };
        let transaction = Transaction::new(self, Operation::PutRun);
        let transaction = transaction.update(last_run::key(), row, as_read);
        let events = Event::of_fleet(change, run.times.1);
        let transaction = events.iter().fold(transaction, |transaction, event| {
            transaction.event(OutboxOf::Tenants, event)
        });
        transaction.write().await
    }
}
