//! What the tests of the pages have in common.

use auth::Cloud;
use auth::protocol::ConsentFlow;
use auth::requirements::Requirements;

use crate::site::Site;

pub(crate) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// Contoso's, where anybody can begin; tokens are kept for these resources.
pub(crate) fn site(resources: &[&str]) -> Site {
    let named = resources.iter().map(|api| api.parse().unwrap()).collect();
    Site {
        company: Some("Contoso".to_owned()),
        registered: None,
        requirements: Requirements::new(
            (!resources.is_empty()).then_some(named),
            vec!["ActivityFeed.Read".to_owned()],
        ),
        cloud: Cloud::Public,
        origin: "https://broker.example".to_owned(),
        open: true,
        flow: ConsentFlow::V2,
    }
}
