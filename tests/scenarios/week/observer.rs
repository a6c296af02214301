//! A caller of every tenant: asks the vending function's use case, as a process beside
//! the run, and judges each answer by the book.

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::vend::{DEFAULT_MIN_TTL, VendRefusal, Vended};
use auth::{Cloud, TenantId, TenantStatus};
use futures::future::join_all;
use tests::issued::Book;
use vending::Vending;

use super::plan;

/// How many tenants are asked for at a time.
const AT_A_TIME: usize = 16;

/// An answer.
pub type Answer = Result<Vended, VendRefusal>;

/// What an answer that is allowed at its moment means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// A token that is good.
    Good,
    /// None, because Entra ID throttles and the last one has ended.
    Starved,
    /// None, because the tenant's consent or role was taken away.
    Away,
}

/// Vends once for every tenant; the answers are in their order.
pub async fn vend_all(vending: &Arc<Vending>, tenants: &[TenantId]) -> Vec<Answer> {
    let share = tenants.len().div_ceil(AT_A_TIME);
    let callers = tenants.chunks(share).map(|tenants| {
        let (vending, tenants) = (Arc::clone(vending), tenants.to_owned());
        tokio::spawn(async move {
            let resource = Cloud::Public.management_resource();
            let mut answers = Vec::new();
            for tenant in tenants {
                answers.push(vending.vend.vend(tenant, &resource, DEFAULT_MIN_TTL).await);
            }
            answers
        })
    });
    let answers = join_all(callers).await;
    answers.into_iter().flat_map(Result::unwrap).collect()
}

/// Judges the answer for the tenant `index` at `time` (seconds since the week began;
/// `now`: the same in Unix seconds). Panics at one that breaks a promise.
pub fn judge(
    book: &mut Book,
    (index, tenant): (usize, TenantId),
    answer: &Answer,
    (time, now): (i64, i64),
) -> Judgement {
    match answer {
        Ok(vended) => {
            judge_token(book, tenant, vended, (time, now));
            Judgement::Good
        }
        Err(VendRefusal::NoToken { cause, .. })
            if cause.code == CauseCode::Throttled && plan::without_tokens().contains(&time) =>
        {
            Judgement::Starved
        }
        Err(VendRefusal::NotActive { status, cause, .. }) => {
            assert_eq!(*status, TenantStatus::Revoked, "{tenant} at {time}");
            let (from, back) = plan::away(index).unwrap_or_default();
            assert!(
                (from..back).contains(&time),
                "{tenant} at {time}: {cause:?}"
            );
            let expected = match index {
                plan::WITHOUT_ROLE => CauseCode::RolesMissing,
                _ => CauseCode::NotConsented,
            };
            assert_eq!(cause.as_ref().map(|cause| cause.code), Some(expected));
            Judgement::Away
        }
        Err(refusal) => panic!("{tenant} at {time}: {refusal}"),
    }
}

/// The token keeps the promise, and it lives as long as SDKs need, unless Entra ID gave no
/// better.
fn judge_token(book: &mut Book, tenant: TenantId, vended: &Vended, (time, now): (i64, i64)) {
    let entry = book.kept_promise((tenant, Cloud::Public), vended, (now, plan::ROLE));
    let short = vended.expires_at.unix() - now < DEFAULT_MIN_TTL.as_secs() as i64;
    let may_be_short = (*plan::throttled().start()..=*plan::without_tokens().end()).contains(&time);
    assert!(!short || may_be_short, "{tenant} at {time}: {entry:?}");
}
