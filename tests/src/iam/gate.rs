//! A gate in front of AWS: it reads each request, asks what a role may do, answers
//! `AccessDeniedException` as AWS does, and passes on what is allowed. Without a role it is
//! open, so that a test sees that an attack is stopped by the gate and by nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::asked::Asked;
use super::call::asked_by;
use super::names::Names;
use super::template::Role;
use crate::aws_service::ACCOUNT;
use crate::raw_server::{Answers, RawServer, pass_on};
use crate::recorder::{Arrived, parse};

/// What answers behind it.
#[derive(Debug, Clone, Copy)]
pub struct Behind {
    /// DynamoDB.
    pub table: SocketAddr,
    /// Secrets Manager.
    pub secrets: SocketAddr,
    /// Lambda; without one an invocation does nothing and succeeds.
    pub lambda: Option<SocketAddr>,
}

/// The gate; dropping it ends it.
pub struct Gate {
    /// `http://127.0.0.1:{port}`.
    pub url: String,
    state: Arc<State>,
    _server: RawServer,
}

struct State {
    role: Option<Role>,
    names: Names,
    behind: Behind,
    denied: Mutex<Vec<Asked>>,
    passed: Mutex<Vec<Asked>>,
}

impl Gate {
    /// For this role; `None` lets everything through. `names`: what requests call the
    /// template's resources.
    pub async fn before(role: Option<Role>, names: &Names, behind: Behind) -> Self {
        let state = Arc::new(State {
            role,
            names: names.clone(),
            behind,
            denied: Mutex::default(),
            passed: Mutex::default(),
        });
        let server = RawServer::start(0, Arc::clone(&state)).await;
        Self {
            url: server.url(),
            state,
            _server: server,
        }
    }

    /// What was denied so far.
    pub fn denied(&self) -> Vec<Asked> {
        self.state.denied.lock().unwrap().clone()
    }

    /// What was allowed so far.
    pub fn passed(&self) -> Vec<Asked> {
        self.state.passed.lock().unwrap().clone()
    }
}

impl Answers for State {
    async fn answer(&self, request: Vec<u8>) -> Option<Vec<u8>> {
        let arrived = parse(&request).pop()?;
        match self.judge(&arrived) {
            Some(denied) => Some(denial(self, &arrived, &denied)),
            None => self.pass_on(&arrived, &request).await,
        }
    }
}

impl State {
    /// What of the request is denied: one permission that is missing denies it as a whole.
    fn judge(&self, request: &Arrived) -> Option<Asked> {
        let asked = asked_by(request, &self.names);
        let denied = asked
            .iter()
            .find(|one| self.role.as_ref().is_some_and(|role| !role.allows(one)));
        let denied = denied.cloned();
        match &denied {
            Some(denied) => self.denied.lock().unwrap().push(denied.clone()),
            None => self.passed.lock().unwrap().extend(asked),
        }
        denied
    }

    async fn pass_on(&self, request: &Arrived, bytes: &[u8]) -> Option<Vec<u8>> {
        let target = request.header("x-amz-target").unwrap_or_default();
        let to = match target.split('.').next() {
            Some("DynamoDB_20120810") => self.behind.table,
            Some("secretsmanager") => self.behind.secrets,
            _ => match self.behind.lambda {
                Some(lambda) => lambda,
                None => return Some(answer("200 OK", "", &Value::Null)),
            },
        };
        pass_on(to, bytes).await
    }
}

/// As each service words it.
fn denial(state: &State, request: &Arrived, denied: &Asked) -> Vec<u8> {
    let role = state.role.as_ref().map_or("", |role| role.name.as_str());
    let Asked {
        action, resource, ..
    } = denied;
    let text = format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/{role}/function is not authorized to perform: \
         {action} on resource: {resource} because no identity-based policy allows the {action} action"
    );
    let code = "AccessDeniedException";
    if request.header("x-amz-target").is_none() {
        let header = format!("x-amzn-errortype: {code}\r\n");
        return answer("403 Forbidden", &header, &json!({"Message": text}));
    }
    answer(
        "400 Bad Request",
        "",
        &json!({"__type": code, "Message": text}),
    )
}

/// `headers`: each with its line end.
fn answer(status: &str, headers: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\n{headers}\
         content-length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}
