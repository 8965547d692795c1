//! The command line's HTTP client: plain HTTP/1.1 to one server.

use std::error::Error;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, IF_MATCH};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::error::{CliError, Exit};
use crate::wire::problem::{Code, Problem};

/// Which server, and as whom.
#[derive(Clone, Debug, Args)]
pub(super) struct Server {
    /// The server [env: TANDEM_URL] [default: http://127.0.0.1:7700]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The key, where the server has keys [env: TANDEM_KEY]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

/// Where a server is if nothing else is said.
const URL_DEFAULT: &str = "http://127.0.0.1:7700";

impl Server {
    // The environment is read here: clap would show what it gives as options
    // that must be given.
    fn url(&self) -> String {
        let url = self.url.clone().or_else(|| variable("TANDEM_URL"));
        url.unwrap_or_else(|| URL_DEFAULT.to_owned())
    }

    /// Sends a JSON body (or none) and reads the JSON answer.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CliError> {
        run(async {
            let body = body.map(Value::to_string).unwrap_or_default();
            let response = self
                .send(
                    method,
                    path,
                    "application/json",
                    Full::new(Bytes::from(body)),
                )
                .await?;
            let response = refuse(response).await?;
            read_json(&collect(response).await?)
        })
    }

    /// Sends a JSON body and reads the answer as the type it asks for.
    pub(super) fn read(
        &self,
        method: &str,
        path: &str,
        accept: &'static str,
        body: &Value,
    ) -> Result<Vec<u8>, CliError> {
        run(async {
            let body = Full::new(Bytes::from(body.to_string()));
            let headers = [(ACCEPT, accept)];
            let response = self.send_with(method, path, &headers, body).await?;
            Ok(collect(refuse(response).await?).await?.into())
        })
    }

    /// Sends a JSON body with headers of its own; the answer comes as it is.
    pub(super) async fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(HeaderName, &'static str)],
        body: Full<Bytes>,
    ) -> Result<Response<Incoming>, CliError> {
        let request = self.request(method, path, "application/json", body)?;
        self.exchange(headers.iter().fold(request, |mut request, (name, value)| {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
            request
        }))
        .await
    }

    /// Sends a body on the condition that this version is held, where one is given;
    /// reads the JSON answer.
    pub(super) fn ask_if(
        &self,
        method: &str,
        path: &str,
        (media_type, body): (&'static str, Vec<u8>),
        version: Option<u64>,
    ) -> Result<Value, CliError> {
        run(async {
            let body = Full::new(Bytes::from(body));
            let mut request = self.request(method, path, media_type, body)?;
            if let Some(version) = version {
                let tag = value(&format!("\"{version}\""))?;
                request.headers_mut().insert(IF_MATCH, tag);
            }
            let response = refuse(self.exchange(request).await?).await?;
            read_json(&collect(response).await?)
        })
    }

    /// Sends a request; the answer comes as it is.
    pub(super) async fn send<B>(
        &self,
        method: &str,
        path: &str,
        media_type: &'static str,
        body: B,
    ) -> Result<Response<Incoming>, CliError>
    where
        B: Body + Send + Unpin + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        self.exchange(self.request(method, path, media_type, body)?)
            .await
    }

    fn request<B>(
        &self,
        method: &str,
        path: &str,
        media_type: &'static str,
        body: B,
    ) -> Result<Request<B>, CliError> {
        let mut request = Request::new(body);
        *request.method_mut() = method
            .parse()
            .map_err(|_never| CliError::new(Exit::Failed, "method"))?;
        *request.uri_mut() = path
            .parse()
            .map_err(|_odd| CliError::new(Exit::Usage, format!("cannot ask for {path}")))?;
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        request
            .headers_mut()
            .insert(HOST, value(&self.authority()?)?);
        if let Some(key) = self.key.clone().or_else(|| variable("TANDEM_KEY")) {
            request
                .headers_mut()
                .insert(AUTHORIZATION, value(&format!("Bearer {key}"))?);
        }
        Ok(request)
    }

    async fn exchange<B>(&self, request: Request<B>) -> Result<Response<Incoming>, CliError>
    where
        B: Body + Send + Unpin + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let stream = self.reach().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        // Errors of the connection show up in the request's outcome.
        tokio::spawn(async move { drop(connection.await) });
        sender
            .send_request(request)
            .await
            .map_err(|cause| self.unreachable(&cause))
    }

    /// A connection, where somebody is there.
    pub(super) async fn reach(&self) -> Result<TcpStream, CliError> {
        let authority = self.authority()?;
        let address = if authority.contains(':') {
            authority
        } else {
            format!("{authority}:80")
        };
        let connected = TcpStream::connect(&address).await;
        connected.map_err(|cause| self.unreachable(&cause))
    }

    fn authority(&self) -> Result<String, CliError> {
        let url = self.url();
        let uri: Result<Uri, _> = url.parse();
        uri.ok()
            .filter(|uri| uri.scheme_str() == Some("http"))
            .and_then(|uri| uri.authority().map(ToString::to_string))
            .ok_or_else(|| {
                CliError::new(Exit::Usage, format!("--url {url}: not an http URL"))
                    .hint("such as http://127.0.0.1:7700; for https put a proxy in between")
            })
    }

    fn unreachable(&self, cause: &dyn Error) -> CliError {
        CliError::new(
            Exit::Unreachable,
            format!("cannot reach {}: {cause}", self.url()),
        )
        .hint("is it running? `tandem demo` or `tandem serve` starts one; --url names another")
    }
}

fn read_json(bytes: &[u8]) -> Result<Value, CliError> {
    serde_json::from_slice(bytes).map_err(|cause| {
        let what = format!("the server's answer is not JSON: {cause}");
        CliError::new(Exit::Failed, what).hint("does --url name the right port?")
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Runs a client's work to its end.
pub(super) fn run<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| CliError::io("cannot start a client", &cause))?
        .block_on(work)
}

/// Turns a problem into an error.
pub(super) async fn refuse(response: Response<Incoming>) -> Result<Response<Incoming>, CliError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = collect(response).await?;
    Err(refused(status.as_u16(), &body))
}

/// The error a refusal is.
pub(super) fn refused(status: u16, body: &[u8]) -> CliError {
    let mut refused = told(status, body);
    refused.passes = passes(status);
    refused
}

/// Whether a server that answers this is another one later: full, starting,
/// stopping or without space on its disk.
pub(super) fn passes(status: u16) -> bool {
    status == 429 || (status >= 500 && status != 501)
}

fn told(status: u16, body: &[u8]) -> CliError {
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return CliError::new(Exit::Refused, format!("the server answered {status}"))
            .hint("it does not sound like Tandem: does --url name the right port?");
    };
    let mut what = format!("{} ({})", problem.title, problem.code.as_str());
    if problem.errors.is_empty() {
        what.extend([": ", &problem.detail]);
    }
    for fault in &problem.errors {
        let place = if fault.pointer.is_empty() {
            String::new()
        } else {
            format!("{}: ", fault.pointer)
        };
        what.extend(["\n  ", &place, &fault.detail]);
        if let Some(name) = &fault.did_you_mean {
            what.extend(["; did you mean ", name, "?"]);
        }
    }
    let refused = CliError::new(Exit::Refused, what);
    let hint = if [Code::Unauthorized, Code::Forbidden].contains(&problem.code) {
        "give a key with --key or TANDEM_KEY"
    } else if problem.code == Code::UnknownKind {
        "the server's /v1/kinds lists the kinds it has"
    } else if [Code::Overloaded, Code::NotReady].contains(&problem.code) {
        "try again in a moment"
    } else if problem.code == Code::WriterStopped {
        "its /readyz and its log say why; it takes writes again once it is started anew"
    } else {
        return refused;
    };
    refused.hint(hint)
}

pub(super) async fn collect(response: Response<Incoming>) -> Result<Bytes, CliError> {
    let body = response.into_body().collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|cause| CliError::new(Exit::Unreachable, format!("the answer broke off: {cause}")))
}

fn value(text: &str) -> Result<HeaderValue, CliError> {
    HeaderValue::from_str(text).map_err(|_odd| {
        CliError::new(
            Exit::Usage,
            "the key or the URL has characters it cannot have",
        )
    })
}
