//! The cloud that a tenant is bound under. What the tenant's own metadata say counts over
//! what an invite, a file, the table or a setting names: those are somebody's guess.

use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::ports::TokenIssuer;

/// Where `tenant` lives; `named` where its metadata do not say it. `own`: the deployment's
/// cloud, at whose authority everything is asked.
///
/// Metadata that cannot be read change nothing. That does not fail closed, because nothing is
/// granted by it: the cloud only chooses the API whose token is asked for next, and a token
/// of the wrong one opens nothing.
pub async fn home_cloud(
    issuer: &dyn TokenIssuer,
    own: Cloud,
    tenant: TenantId,
    named: Cloud,
) -> Result<Cloud, CauseCode> {
    let cloud = lives_in(issuer.home_of(tenant).await, own, named)?;
    report_corrected(tenant, named, cloud);
    Ok(cloud)
}

/// The same where the metadata were read before: `home` is what they said.
pub(crate) fn lives_in(home: Option<Cloud>, own: Cloud, named: Cloud) -> Result<Cloud, CauseCode> {
    match home {
        None => Ok(named),
        Some(home) if home.shares_authority_with(own) => Ok(home),
        Some(home) => Err(elsewhere(home)),
    }
}

/// Leaves a line where a tenant lives elsewhere than was thought.
pub(crate) fn report_corrected(tenant: TenantId, named: Cloud, home: Cloud) {
    if home != named {
        tracing::info!(
            event = "tenant_cloud_corrected", %tenant, from = %named, to = %home,
            "tenant {tenant} lives in {home}, not in {named}: it is connected there"
        );
    }
}

fn elsewhere(home: Cloud) -> CauseCode {
    match home {
        Cloud::GccHigh => CauseCode::InGccHigh,
        Cloud::Dod => CauseCode::InDod,
        Cloud::Public | Cloud::Gcc | Cloud::China => CauseCode::WrongCloud,
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::ports::{AuthorityError, IssuedToken};
    use crate::resource::Resource;

    /// Says where tenants live.
    struct Metadata(Option<Cloud>);

    #[async_trait]
    impl TokenIssuer for Metadata {
        async fn app_only_token(
            &self,
            _: TenantId,
            _: Cloud,
            _: &Resource,
        ) -> Result<IssuedToken, AuthorityError> {
            unreachable!("no token is asked for")
        }

        async fn home_of(&self, _: TenantId) -> Option<Cloud> {
            self.0
        }
    }

    #[tokio::test]
    async fn the_directorys_word_counts_over_everybodys_and_another_authority_is_explained() {
        use Cloud as C;
        // The deployment, what was named, what the directory says, where it is bound.
        let rows = [
            (C::Public, C::Public, None, Ok(C::Public)),
            (C::Public, C::Gcc, None, Ok(C::Gcc)),
            (C::Public, C::Public, Some(C::Public), Ok(C::Public)),
            (C::Public, C::Public, Some(C::Gcc), Ok(C::Gcc)),
            (C::Public, C::Gcc, Some(C::Public), Ok(C::Public)),
            (C::Gcc, C::Gcc, Some(C::Public), Ok(C::Public)),
            (C::Gcc, C::Public, Some(C::Gcc), Ok(C::Gcc)),
            (C::GccHigh, C::GccHigh, Some(C::Dod), Ok(C::Dod)),
            (C::Dod, C::Dod, Some(C::GccHigh), Ok(C::GccHigh)),
            (C::China, C::China, None, Ok(C::China)),
            (
                C::Public,
                C::Public,
                Some(C::GccHigh),
                Err(CauseCode::InGccHigh),
            ),
            (C::Gcc, C::Public, Some(C::Dod), Err(CauseCode::InDod)),
            (
                C::Public,
                C::Gcc,
                Some(C::GccHigh),
                Err(CauseCode::InGccHigh),
            ),
            (
                C::GccHigh,
                C::GccHigh,
                Some(C::Gcc),
                Err(CauseCode::WrongCloud),
            ),
        ];
        for (own, named, says, expected) in rows {
            let issuer = Metadata(says);
            let found = home_cloud(&issuer, own, TenantId::CONSUMERS, named).await;
            assert_eq!(found, expected, "{own} {named} {says:?}");
        }
    }
}
