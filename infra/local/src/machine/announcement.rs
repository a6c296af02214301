//! What a run says of itself: the ready line, and `run.json` for the operator's
//! commands. Only the first holds a secret, the caller's token, and it is not kept.

use microsoft_sim::Simulator;
use serde_json::{Value, json};

use super::functions::Functions;
use super::ground::Ground;
use crate::options::Options;
use crate::ready::Ready;
use crate::simulator;
use crate::table::TABLE_NAME;

/// The ready line.
pub(super) fn ready(
    ground: &Ground,
    functions: &Functions,
    simulator: Option<&Simulator>,
) -> anyhow::Result<Ready> {
    let authority = functions.authority.authority_for(functions.authority.cloud);
    Ok(Ready {
        consent_url: format!("{}/consent", ground.http_api.base_url),
        vending_url: ground.http_api.base_url.clone(),
        function_url: ground.function_url.base_url.clone(),
        sts_url: ground.sts.base_url.clone(),
        aws_access_key_id: ground.access_key.id.clone(),
        aws_region: ground.access_key.region.clone(),
        access_key_file: ground.data.access_key_file(),
        entra_url: ground.simulated_authority.clone().unwrap_or(authority),
        table_endpoint: ground.table.url.clone(),
        table_name: TABLE_NAME.to_owned(),
        client_id: ground.client_id.to_string(),
        caller_token: ground.issuer.token(ground.platform.clock.now())?,
        objects_url: ground.objects.url.clone(),
        objects_directory: ground.data.objects_directory()?,
        collects: functions.collector.is_some(),
        ca_file: ground.tls.as_ref().map(|tls| tls.ca_file.clone()),
        simulated_tenants: simulator.map(simulator::people).unwrap_or_default(),
    })
}

/// Everything that the operator's commands need; no secret.
pub(super) fn run_file(ready: &Ready, options: &Options, ground: &Ground) -> Value {
    // Absolute, because the operator's commands run in another directory.
    let certificate_file = options.real_entra.as_ref().map(|real| {
        let path = &real.certificate_file;
        path.canonicalize().unwrap_or_else(|_| path.clone())
    });
    json!({
        "process_id": std::process::id(),
        // A copy of the directory is not taken for the run's own.
        "data_directory": ground.data.root(),
        "consent_url": ready.consent_url,
        "vending_url": ready.vending_url,
        "function_url": ready.function_url,
        "entra_url": ready.entra_url,
        "table_endpoint": ready.table_endpoint,
        "table_name": ready.table_name,
        "client_id": ready.client_id,
        "objects_url": ready.objects_url,
        "objects_directory": ready.objects_directory,
        "ca_file": ready.ca_file,
        "secrets_directory": ground.data.secrets_directory(),
        "certificate_file": certificate_file,
        "settings": ground.environment.fixed(),
    })
}
