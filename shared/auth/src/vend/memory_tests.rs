use super::*;
use crate::token::{AccessToken, AppOnlyToken};
use crate::version::Version;
use crate::{Cloud, TenantStatus};

fn held(token: usize, tags: usize) -> Held {
    let at = Timestamp::from_unix(0);
    let record = TokenRecord {
        tenant: TenantId::CONSUMERS,
        resource: Cloud::Public.management_resource(),
        customer: "Contoso".parse().unwrap(),
        cloud: Cloud::Public,
        status: TenantStatus::Active,
        cause: None,
        tags: (0..tags)
            .map(|n| (n.to_string(), "x".repeat(100)))
            .collect(),
        token: Some(AppOnlyToken {
            access_token: AccessToken::new("x".repeat(token)),
            expires_at: at,
            issued_at: at,
        }),
        refresh_at: at,
        failures: 0,
        next_attempt_at: None,
        last_failure: None,
        suspected_at: None,
        version: Version("1".to_owned()),
    };
    Held::new(record, at)
}

#[test]
fn tokens_of_any_size_stay_below_the_bound() {
    let usual = held(1_600, 3).bytes();
    assert!((1_900..3_000).contains(&usual), "{usual}");
    assert!(held(100_000, 0).bytes() > 100_000);
    assert!(held(0, 20).bytes() > 2_000);
    let memory = memory();
    let resource = Cloud::Public.management_resource();
    for n in 0..10_000_u128 {
        let tenant = uuid::Uuid::from_u128(n + 1).to_string().parse().unwrap();
        let slot = Slot {
            held: Arc::default(),
            bytes: 100_000,
        };
        memory.insert((tenant, resource.clone()), slot);
    }
    memory.run_pending_tasks();
    let (weight, count) = (memory.weighted_size(), memory.entry_count());
    assert!(weight <= MEMORY_MAX_BYTES, "{weight}");
    assert!((3_000..10_000).contains(&count), "{count}");
}
