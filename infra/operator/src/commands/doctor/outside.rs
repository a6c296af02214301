//! Who answers: Entra ID with its clock, Graph, the Activity API, and our own pages.

use auth::Timestamp;
use feed::address::FeedHost;
use microsoft::{HttpError, Reached};
use url::Url;

use super::check::{Check, Outcome};
use super::patient::{PATIENCE, Patient};

/// Entra ID refuses an assertion whose times are five minutes off; a clock that is kept is not a
/// minute off.
const SECONDS_OFF: u64 = 60;

/// What was found.
pub(super) struct Outside {
    pub(super) checks: Vec<Check>,
    /// In time: it can be asked for tokens.
    pub(super) entra_answers: bool,
    pub(super) graph_answers: bool,
    pub(super) api_answers: bool,
}

pub(super) async fn checks(patient: &Patient<'_, '_>) -> Outside {
    let authority = &patient.settings.tokens.entra.authority;
    let base = authority.authority_for(authority.cloud);
    let discovery = format!("{base}/organizations/v2.0/.well-known/openid-configuration");
    let (entra, graph, api, consent, vending) = tokio::join!(
        ask(patient, &discovery),
        graph(patient),
        api(patient),
        page(patient, "/consent", |status| status < 500),
        page(patient, "/health", |status| status == 200),
    );
    let is_ok = |reached: Reached| reached.status == 200;
    let entra_outcome = answered("Entra ID", &entra, is_ok);
    // Where nothing comes through, one line says so.
    let is_cut_off = entra.as_ref().is_some_and(|answer| answer.reached.is_err());
    let others = [graph, api, consent, vending].map(|other| match other {
        Asked::NoAnswer(_) if is_cut_off => {
            Outcome::skipped("no answer either: the way to Entra ID comes first")
        }
        Asked::NoAnswer(outcome) | Asked::Answered(outcome) => outcome,
    });
    let [graph, api, consent, vending] = others;
    let clock = clock(&entra, patient.platform.clock.now());
    // What a wrong clock signs is refused.
    let entra_answers = entra_outcome.has_passed() && !clock.has_failed();
    let (graph_answers, api_answers) = (graph.has_passed(), api.has_passed());
    Outside {
        checks: vec![
            entra_outcome.of("Entra ID"),
            clock.of("clock"),
            graph.of("Graph"),
            api.of("Activity API"),
            consent.of("consent page"),
            vending.of("vending"),
        ],
        entra_answers,
        graph_answers,
        api_answers,
    }
}

/// An address, and what is there.
struct Answer {
    host: String,
    reached: Result<Reached, HttpError>,
}

/// What became of asking another address.
enum Asked {
    Answered(Outcome),
    NoAnswer(Outcome),
}

impl Asked {
    async fn at(
        patient: &Patient<'_, '_>,
        (who, address): (&str, &str),
        is_well: impl FnOnce(u16) -> bool,
    ) -> Self {
        let answer = ask(patient, address).await;
        let outcome = answered(who, &answer, |reached| is_well(reached.status));
        match answer.is_some_and(|answer| answer.reached.is_err()) {
            true => Self::NoAnswer(outcome),
            false => Self::Answered(outcome),
        }
    }

    fn skipped(why: &str) -> Self {
        Self::Answered(Outcome::skipped(why))
    }
}

async fn ask(patient: &Patient<'_, '_>, address: &str) -> Option<Answer> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}"));
    Some(Answer {
        host: format!("{host}{}", port.unwrap_or_default()),
        reached: patient.roots.reach(&url, PATIENCE.1).await,
    })
}

fn answered(who: &str, answer: &Option<Answer>, is_well: impl FnOnce(Reached) -> bool) -> Outcome {
    let Some(Answer { host, reached }) = answer else {
        return Outcome::failed("its address is none", "correct the setting");
    };
    match reached {
        Ok(reached) if is_well(*reached) => Outcome::passed(format_args!("{host} answers")),
        Ok(reached) => Outcome::failed(
            format_args!("{host} answers with status {}", reached.status),
            format_args!("look at the address, and at whether {who} is well"),
        ),
        Err(error) => Outcome::failed(
            format_args!("{host}: {error}"),
            format_args!(
                "look at the way to {who}: name resolution, firewall, proxy (HTTPS_PROXY, \
                 EXTRA_CA_FILE)"
            ),
        ),
    }
}

fn clock(entra: &Option<Answer>, now: Timestamp) -> Outcome {
    let date = entra
        .as_ref()
        .and_then(|answer| answer.reached.as_ref().ok()?.date);
    let Some(date) = date else {
        return Outcome::skipped("there is no clock to compare with");
    };
    let (behind, ahead) = (now.seconds_until(date), date.seconds_until(now));
    let off = behind.max(ahead);
    let word = if behind > ahead { "behind" } else { "ahead of" };
    match off > SECONDS_OFF {
        true => Outcome::failed(
            format_args!("this machine is {off} s {word} Entra ID"),
            "set it by NTP: from five minutes on, Entra ID refuses what it signs (AADSTS700024)",
        ),
        false => Outcome::passed(format_args!("within {SECONDS_OFF} s of Entra ID's")),
    }
}

/// Asked where something here asks it.
async fn graph(patient: &Patient<'_, '_>) -> Asked {
    let authority = &patient.settings.tokens.entra.authority;
    let home = patient.optional(|reader| reader.text("ENTRA_HOME_TENANT"));
    if home.is_none() {
        return Asked::skipped("nothing here asks it: ENTRA_HOME_TENANT is not set");
    }
    let named = patient.optional(|reader| reader.text("ENTRA_GRAPH_URL"));
    let url = match (named, &authority.authority) {
        (Some(url), _) => url,
        (None, None) => authority.cloud.graph().to_owned(),
        (None, Some(_)) => {
            return Asked::skipped("ENTRA_AUTHORITY is set, and ENTRA_GRAPH_URL is not");
        }
    };
    Asked::at(patient, ("Microsoft Graph", &url), |status| status < 500).await
}

async fn api(patient: &Patient<'_, '_>) -> Asked {
    let authority = &patient.settings.tokens.entra.authority;
    let Some(host) = api_host(patient) else {
        return Asked::skipped("ENTRA_AUTHORITY is set, and FEED_API_URL names no host");
    };
    let host = host.unwrap_or_else(|| FeedHost::of(authority.cloud));
    let who = ("the Activity API", host.as_str());
    Asked::at(patient, who, |status| status < 500).await
}

/// `FEED_API_URL`, or `Some(None)` for the host of a tenant's own cloud; `None` where Entra ID is
/// another than Microsoft's and the API's place is not known.
pub(super) fn api_host(patient: &Patient<'_, '_>) -> Option<Option<FeedHost>> {
    let named = patient.optional(|reader| reader.text("FEED_API_URL"));
    match named.map(|url| FeedHost::new(&url)) {
        Some(host) => host.ok().map(Some),
        None if patient.settings.tokens.entra.authority.authority.is_some() => None,
        None => Some(None),
    }
}

/// A page of ours, where the reply URL leads.
async fn page(patient: &Patient<'_, '_>, path: &str, is_well: impl FnOnce(u16) -> bool) -> Asked {
    let reply_url = patient.optional(|reader| reader.text("CONSENT_REDIRECT_URI"));
    let Some(url) = reply_url.and_then(|text| Url::parse(&text).ok()) else {
        return Asked::skipped("CONSENT_REDIRECT_URI is not set");
    };
    let address = url.join(path).map(String::from).unwrap_or_default();
    Asked::at(patient, ("our own functions", &address), is_well).await
}
