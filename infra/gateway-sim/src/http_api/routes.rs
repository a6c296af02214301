//! Which function answers which request, chosen as an HTTP API chooses: a full
//! match before a `{variable}`, that before a greedy `{proxy+}`, a named method
//! before `ANY`, and `$default` last (Amazon API Gateway, "Create routes for
//! HTTP APIs"). Local answers stand beside the routes and are no part of what is
//! played.

use std::{collections::HashMap, sync::Arc};

use axum::http::Method;

use crate::{event::percent_decoded, function::HttpFunction};

/// Gives the content type and the body of a local answer.
pub type LocalHandler = Arc<dyn Fn() -> (&'static str, String) + Send + Sync>;

/// The routes of one HTTP API.
#[derive(Default)]
pub struct Routes {
    routes: Vec<Route>,
    default: Option<Arc<dyn HttpFunction>>,
    local: Vec<(Method, String, LocalHandler)>,
}

impl Routes {
    /// No routes: every request is answered with 404.
    pub fn new() -> Self {
        <Self as Default>::default()
    }

    /// Sends `method` on `path` to `function`. A segment of the path may be a
    /// variable (`/consent/confirm/{handle}`), the last one may be greedy
    /// (`/{proxy+}`).
    #[must_use]
    pub fn route(self, method: Method, path: &str, function: Arc<dyn HttpFunction>) -> Self {
        let key = format!("{method} {path}");
        self.with(Some(method), path, key, function)
    }

    /// Sends to `function` all methods on `path` that have no route of their own.
    #[must_use]
    pub fn any(self, path: &str, function: Arc<dyn HttpFunction>) -> Self {
        self.with(None, path, format!("ANY {path}"), function)
    }

    /// Sends to `function` what no route matches.
    #[must_use]
    pub fn default(mut self, function: Arc<dyn HttpFunction>) -> Self {
        self.default = Some(function);
        self
    }

    /// Answers `method` on exactly this path without a function: for what the
    /// run itself has to say on the same port, such as its issuer's keys.
    #[must_use]
    pub fn local<F>(mut self, method: Method, path: &str, handler: F) -> Self
    where
        F: Fn() -> (&'static str, String) + Send + Sync + 'static,
    {
        self.local
            .push((method, path.to_owned(), Arc::new(handler)));
        self
    }

    /// The local answer; to HEAD that to GET, of which the server sends the headers alone.
    pub(super) fn local_at(&self, method: &Method, path: &str) -> Option<&LocalHandler> {
        let method = match method {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        self.local
            .iter()
            .find(|(own_method, own_path, _)| own_method == method && own_path == path)
            .map(|(_, _, handler)| handler)
    }

    /// Finds the route for a path as received, percent-encoding and all.
    ///
    /// Assumption: segments are cut before they are decoded, so that `%2F` stays
    /// inside its variable.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Match<'_>> {
        self.routes
            .iter()
            .filter(|route| route.method.as_ref().is_none_or(|own| own == method))
            .filter_map(|route| Some((route, route.variables(path)?)))
            .min_by_key(|(route, _)| (route.ranks(), route.method.is_none()))
            .map(|(route, variables)| Match {
                key: &route.key,
                variables,
                function: &route.function,
            })
            .or_else(|| {
                Some(Match {
                    key: "$default",
                    variables: HashMap::new(),
                    function: self.default.as_ref()?,
                })
            })
    }

    fn with(
        mut self,
        method: Option<Method>,
        path: &str,
        key: String,
        function: Arc<dyn HttpFunction>,
    ) -> Self {
        self.routes.push(Route {
            method,
            segments: segments(path).map(Segment::parse).collect(),
            key,
            function,
        });
        self
    }
}

/// The route that a request takes.
pub(super) struct Match<'a> {
    /// `GET /consent/confirm/{handle}`, `ANY /{proxy+}` or `$default`.
    pub(super) key: &'a str,
    /// Path variables, decoded.
    pub(super) variables: HashMap<String, String>,
    pub(super) function: &'a Arc<dyn HttpFunction>,
}

struct Route {
    /// `None` is ANY.
    method: Option<Method>,
    segments: Vec<Segment>,
    key: String,
    function: Arc<dyn HttpFunction>,
}

impl Route {
    /// The path's variables if it matches. Assumption: a variable is never empty,
    /// and `/a/` is not `/a`.
    fn variables(&self, path: &str) -> Option<HashMap<String, String>> {
        let mut found = HashMap::new();
        let mut rest = segments(path);
        for segment in &self.segments {
            let piece = rest.next()?;
            match segment {
                Segment::Literal(text) if percent_decoded(piece)? == *text => {}
                Segment::Literal(_) => return None,
                Segment::Variable(name) if !piece.is_empty() => {
                    found.insert(name.clone(), percent_decoded(piece)?);
                }
                Segment::Variable(_) => return None,
                Segment::Greedy(name) => {
                    let all = rest.fold(piece.to_owned(), |all, next| all + "/" + next);
                    found.insert(name.clone(), percent_decoded(&all)?);
                    return (!all.is_empty()).then_some(found);
                }
            }
        }
        rest.next().is_none().then_some(found)
    }

    /// Compared from the left, the more specific path is the smaller one.
    fn ranks(&self) -> Vec<u8> {
        self.segments.iter().map(Segment::rank).collect()
    }
}

enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                None => Self::Variable(name.to_owned()),
                Some(name) => Self::Greedy(name.to_owned()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

fn segments(path: &str) -> std::str::Split<'_, char> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}
