//! Tokens that somebody forged on the way, or at the authority itself. Every tenant
//! has consented already, so that its connection hangs on the token of the sign-in
//! alone. Beside the rows that are refused stand a few that connect: under the same key
//! and in the same machine, so that a row is known to fail for what it changes.

mod access_token;
mod admin_roles;
mod id_token;
mod run;
mod signatures;

use tests::{Flow, Forgery, Genuine, Member};

use super::stage::Refused;
use run::ForgedRun;

/// A token did not pass its checks.
const TOKEN_INVALID: Refused = Refused {
    status: 503,
    cause: "token_invalid",
};

/// One forgery with its name.
struct Row {
    name: &'static str,
    forgery: Forgery,
}

/// A row that replaces this member.
fn row(
    member: Member,
    name: &'static str,
    make: impl FnOnce(&Genuine) -> String + Send + 'static,
) -> Row {
    Row {
        name,
        forgery: Forgery::of(member, make),
    }
}

#[tokio::test]
async fn a_forged_id_token_connects_nothing_and_a_sound_one_connects() {
    let run = ForgedRun::start(Flow::V2).await;
    let earlier = run.earlier(Member::IdToken);
    let mut rows = signatures::rows(Member::IdToken, &earlier);
    rows.extend(id_token::audiences());
    rows.extend(id_token::issuers(&earlier));
    rows.extend(id_token::tenants(&earlier));
    rows.extend(id_token::nonces(&earlier));
    rows.extend(id_token::times());
    for row in rows {
        run.refuses(row, TOKEN_INVALID).await;
    }
    run.connects(id_token::sound()).await;
    run.check_log();
}

#[tokio::test]
async fn a_forged_access_token_connects_nothing_and_a_sound_one_connects() {
    let run = ForgedRun::start(Flow::V1).await;
    let earlier = run.earlier(Member::AccessToken);
    let mut rows = signatures::rows(Member::AccessToken, &earlier);
    rows.extend(access_token::claims(&earlier));
    rows.push(access_token::stale_nonce(&run.earlier(Member::IdToken)));
    for row in rows {
        run.refuses(row, TOKEN_INVALID).await;
    }
    run.connects(access_token::sound()).await;
    run.check_log();
}
