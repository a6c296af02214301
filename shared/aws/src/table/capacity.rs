//! What requests to the table cost, as the table itself counts it
//! (`ReturnConsumedCapacity`). Nothing is asked for, and nothing sent back, unless
//! somebody measures.

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What the table was asked to do. One operation can be several requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `Tenants::find`.
    Find,
    /// `Tenants::next_attempt_at`.
    NextAttempt,
    /// `Tenants::connect`.
    Connect,
    /// `Tenants::change`.
    Change,
    /// `Tenants::remove`.
    Remove,
    /// `Tenants::list`.
    List,
    /// `TokenStore::read`.
    Read,
    /// `TokenStore::due`.
    Due,
    /// `TokenStore::at_turns`.
    AtTurns,
    /// `TokenStore::look_again`.
    LookAgain,
    /// `TokenStore::settle`.
    Settle,
    /// `TokenStore::settle_and_change`.
    SettleAndChange,
    /// `SingleUse::use_once`.
    UseOnce,
    /// `SingleUse::was_used`.
    WasUsed,
    /// `Invites::create_invite`.
    CreateInvite,
    /// `Invites::find_invite`.
    FindInvite,
    /// `SignIns::keep_sign_in`.
    KeepSignIn,
    /// `SignIns::find_sign_in`.
    FindSignIn,
    /// `PolicySource::current`.
    ReadPolicy,
    /// `PolicyStore::put`.
    PutPolicy,
    /// `PolicyStore::put_candidate`.
    PutCandidate,
    /// `PolicyStore::drop_candidate`.
    DropCandidate,
    /// `IssuerSource::current_issuers`.
    ReadIssuers,
    /// `IssuerStore::put_issuers`.
    PutIssuers,
    /// `Leases::take`.
    TakeLease,
    /// `Leases::release`, `Leases::release_at`.
    ReleaseLease,
    /// `Leases::looked`.
    Looked,
    /// `CallerKeys::find_key`.
    FindKey,
    /// `CallerKeys::touch_key`.
    TouchKey,
    /// `CallerKeyBook::add_key`.
    AddKey,
    /// `CallerKeyBook::list_keys`.
    ListKeys,
    /// `CallerKeyBook::remove_key`.
    RemoveKey,
    /// `OperatorLog::begin`.
    BeginAction,
    /// `OperatorLog::end`.
    EndAction,
    /// `OperatorLog::of_day`.
    ListActions,
    /// `Table::ping`.
    Ping,
    /// `Table::create`.
    Create,
}

impl Operation {
    /// The word in logs, measurements and errors.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Find => "find",
            Operation::NextAttempt => "next_attempt",
            Operation::Connect => "connect",
            Operation::Change => "change",
            Operation::Remove => "remove",
            Operation::List => "list",
            Operation::Read => "read",
            Operation::Due => "due",
            Operation::AtTurns => "at_turns",
            Operation::LookAgain => "look_again",
            Operation::Settle => "settle",
            Operation::SettleAndChange => "settle_and_change",
            Operation::UseOnce => "use_once",
            Operation::WasUsed => "was_used",
            Operation::CreateInvite => "create_invite",
            Operation::FindInvite => "find_invite",
            Operation::KeepSignIn => "keep_sign_in",
            Operation::FindSignIn => "find_sign_in",
            Operation::ReadPolicy => "read_policy",
            Operation::PutPolicy => "put_policy",
            Operation::PutCandidate => "put_candidate",
            Operation::DropCandidate => "drop_candidate",
            Operation::ReadIssuers => "read_issuers",
            Operation::PutIssuers => "put_issuers",
            Operation::TakeLease => "take_lease",
            Operation::ReleaseLease => "release_lease",
            Operation::Looked => "read_lease",
            Operation::FindKey => "find_key",
            Operation::TouchKey => "touch_key",
            Operation::AddKey => "add_key",
            Operation::ListKeys => "list_keys",
            Operation::RemoveKey => "remove_key",
            Operation::BeginAction => "begin_action",
            Operation::EndAction => "end_action",
            Operation::ListActions => "list_actions",
            Operation::Ping => "ping",
            Operation::Create => "create",
        }
    }
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
