//! What requests to the table cost, as the table itself counts it
//! (`ReturnConsumedCapacity`). Nothing is asked for, and nothing sent back, unless
//! somebody measures.

use aws_sdk_dynamodb::types::ConsumedCapacity;

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What the table was asked to do. One operation can be several requests.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation { $($(#[$doc])* $variant),+ }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Operation] = &[$(Operation::$variant),+];

            /// The word in logs, measurements and errors.
            pub fn as_str(self) -> &'static str {
                match self { $(Operation::$variant => $text),+ }
            }
        }
    };
}

operations! {
    /// `Tenants::find`.
    Find = "find",
    /// `Tenants::next_attempt_at`.
    NextAttempt = "next_attempt",
    /// `Tenants::connect`.
    Connect = "connect",
    /// `Tenants::change`.
    Change = "change",
    /// `Tenants::remove`.
    Remove = "remove",
    /// `Tenants::list`.
    List = "list",
    /// `TokenStore::read`.
    Read = "read",
    /// `TokenStore::read_each`.
    ReadEach = "read_each",
    /// `TokenStore::due`.
    Due = "due",
    /// `TokenStore::at_turns`.
    AtTurns = "at_turns",
    /// `TokenStore::look_again`.
    LookAgain = "look_again",
    /// `TokenStore::put_back`.
    PutBack = "put_back",
    /// `TokenStore::settle`.
    Settle = "settle",
    /// `TokenStore::settle_and_change`.
    SettleAndChange = "settle_and_change",
    /// `SingleUse::use_once`.
    UseOnce = "use_once",
    /// `SingleUse::was_used`.
    WasUsed = "was_used",
    /// `Invites::create_invite`.
    CreateInvite = "create_invite",
    /// `Invites::find_invite`.
    FindInvite = "find_invite",
    /// `SignIns::keep_sign_in`.
    KeepSignIn = "keep_sign_in",
    /// `SignIns::find_sign_in`.
    FindSignIn = "find_sign_in",
    /// `SignIns::use_sign_in`.
    UseSignIn = "use_sign_in",
    /// `PolicySource::current`.
    ReadPolicy = "read_policy",
    /// `PolicyStore::put`.
    PutPolicy = "put_policy",
    /// `PolicyStore::replaced`.
    ReadReplaced = "read_replaced",
    /// `PolicyStore::put_candidate`.
    PutCandidate = "put_candidate",
    /// `PolicyStore::drop_candidate`.
    DropCandidate = "drop_candidate",
    /// `IssuerSource::current_issuers`.
    ReadIssuers = "read_issuers",
    /// `IssuerStore::put_issuers`.
    PutIssuers = "put_issuers",
    /// `Leases::take`.
    TakeLease = "take_lease",
    /// `Leases::release`, `Leases::release_at`.
    ReleaseLease = "release_lease",
    /// `Leases::looked`.
    Looked = "read_lease",
    /// `Runs::last_run`.
    ReadRun = "read_run",
    /// `Runs::put_last_run`.
    PutRun = "put_run",
    /// `CallerKeys::find_key`.
    FindKey = "find_key",
    /// `CallerKeys::touch_key`.
    TouchKey = "touch_key",
    /// `CallerKeyBook::add_key`.
    AddKey = "add_key",
    /// `CallerKeyBook::list_keys`.
    ListKeys = "list_keys",
    /// `CallerKeyBook::remove_key`.
    RemoveKey = "remove_key",
    /// `OperatorLog::begin`.
    BeginAction = "begin_action",
    /// `OperatorLog::end`.
    EndAction = "end_action",
    /// `OperatorLog::of_day`.
    ListActions = "list_actions",
    /// `Ledger::feed`.
    ReadFeed = "read_feed",
    /// `Ledger::put_feed`.
    PutFeed = "put_feed",
    /// `SharedLedger::claim`.
    ClaimFeed = "claim_feed",
    /// `SharedLedger::put_types`.
    PutTypes = "put_types",
    /// `SharedLedger::windows`.
    ReadWindows = "read_windows",
    /// `SharedLedger::take_window`.
    TakeWindow = "take_window",
    /// `SharedLedger::finish_window`.
    FinishWindow = "finish_window",
    /// `SharedLedger::take_over`.
    TakeOver = "take_over",
    /// `DueFeeds::rows`.
    DueFeeds = "due_feeds",
    /// `DueFeeds::look_again`.
    LookAtFeed = "look_at_feed",
    /// `Ledger::batches`.
    ReadBatches = "read_batches",
    /// `Ledger::put_batch`.
    PutBatch = "put_batch",
    /// `Ledger::split_batch`.
    SplitBatch = "split_batch",
    /// `Ledger::finish_batch`.
    FinishBatch = "finish_batch",
    /// `LedgerErasure::erase_batches`.
    EraseBatches = "erase_batches",
    /// `LedgerErasure::erase_feed`.
    EraseFeed = "erase_feed",
    /// `Outbox::waiting`.
    WaitingEvents = "waiting_events",
    /// `Outbox::done`.
    EventDone = "event_done",
    /// `Outbox::put_off`.
    PutEventOff = "put_event_off",
    /// `Table::ping`.
    Ping = "ping",
    /// `Table::create`.
    Create = "create",
}

/// Which kind of unit was consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Units {
    /// Read request units: 4 KB each, half of one when eventually consistent.
    Read,
    /// Write request units: 1 KB each.
    Write,
}

/// What one request consumed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Consumed {
    /// What it was part of.
    pub operation: Operation,
    /// Reads or writes.
    pub units: Units,
    /// Of the table and its indexes together.
    pub total: f64,
}

/// Takes note of what requests consume. Called after each successful request, on
/// the request's own way: it must not wait.
pub trait CapacityMeter: Send + Sync {
    /// One request's consumption.
    fn consumed(&self, consumed: &Consumed);
}

pub(super) fn read(operation: Operation, units: Units, capacity: &ConsumedCapacity) -> Consumed {
    Consumed {
        operation,
        units,
        total: capacity.capacity_units().unwrap_or_default(),
    }
}
