//! The items of the tables, one file for each kind: its key, the names of its own attributes,
//! how it is written and how it is read. No file here makes a request.

pub(super) mod batch;
pub(super) mod caller_key;
pub(super) mod due_row;
pub(super) mod event;
pub(super) mod feed;
pub(super) mod invite;
pub(super) mod issuers;
pub(super) mod last_run;
pub(super) mod lease;
pub(super) mod operator_action;
pub(super) mod policy;
pub(super) mod sign_in;
pub(super) mod tenant;
pub(super) mod token;
pub(super) mod used_once;
pub(super) mod window;
