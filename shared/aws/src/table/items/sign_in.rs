//! The item of a checked sign-in. Its key is the SHA-256 of the receipt's id: a row gives no
//! receipt away. Only the function that signs writes one.

use auth::invite::InviteKey;
use auth::ports::StoreError;
use auth::sign_in::{ReceiptKey, SignIn};

use crate::table::attributes::{Reader, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const ADMIN_ROLE: &str = "admin_role";
const DELEGATED: &str = "delegated";
const HOME: &str = "home";
const PERSON: &str = "person";
const USED_WITH: &str = "used_with";

const PREFIX: &str = "SIGNIN#";
const SORT: &str = "SIGNIN";

pub(crate) fn key(receipt: &ReceiptKey) -> Item {
    keys::key(format!("{PREFIX}{receipt}"), SORT)
}

/// All attributes but the key. It goes with its end: DynamoDB deletes within days, and
/// nothing relies on it.
pub(crate) fn write(sign_in: &SignIn) -> Change {
    Change::default()
        .layout()
        .set(keys::TENANT_ID, text(sign_in.tenant))
        .put(PERSON, sign_in.person.map(text))
        .set(ADMIN_ROLE, text(sign_in.role.as_str()))
        .set(DELEGATED, text(sign_in.delegated))
        .put(HOME, sign_in.home.map(text))
        .set(keys::EXPIRES_AT, time(sign_in.expires_at))
        .set(keys::TTL, time(sign_in.expires_at))
}

/// What its use with `invite` changes, and the condition that no other one came before.
pub(crate) fn used_with(invite: Option<&InviteKey>) -> (Change, Condition) {
    // Without an invite: the tenant is bound to itself. The hash of an invite is longer.
    let with = || invite.map_or_else(|| text("none"), text);
    let change = Change::default().set(USED_WITH, with());
    (change, Condition::IsOrWithout(USED_WITH, with()))
}

pub(crate) fn read(item: &Item) -> Result<SignIn, StoreError> {
    let reader = Reader::of(item)?;
    Ok(SignIn {
        tenant: reader.parsed(keys::TENANT_ID)?,
        person: reader.optional_parsed(PERSON)?,
        role: reader.parsed(ADMIN_ROLE)?,
        delegated: reader.parsed(DELEGATED)?,
        home: reader.optional_parsed(HOME)?,
        expires_at: reader.time(keys::EXPIRES_AT)?,
    })
}
