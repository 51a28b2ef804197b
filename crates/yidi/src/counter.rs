//! A hospital's side of the conversation: envelopes out, answers in, over HTTP like any hospital's software.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use platform::doors::Clock;
use platform::registry::Institution;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The counter of one hospital, with a person of one insured place before it.
pub struct Counter {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    institution: Institution,
    insured_place: String,
    clock: Arc<dyn Clock>,
}

/// What the platform said.
pub struct Said {
    /// `output`
    pub output: Value,
    /// `warn_msg`
    pub warning: Option<String>,
    /// From the request to the answer, in milliseconds.
    pub took_ms: i64,
}

/// Where software that knows one address for everything sends its messages.
pub const SERVICE_PATH: &str = "/fsi/api/rsfComIfsService/callService";

/// Serial numbers of messages, for this process.
static SERIAL: AtomicU32 = AtomicU32::new(1);

impl Counter {
    /// A counter of this hospital.
    pub fn new(
        address: SocketAddr,
        institution: &Institution,
        insured_place: &str,
        clock: Arc<dyn Clock>,
    ) -> Counter {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let insured_place = insured_place.to_owned();
        Counter { client, address, institution: institution.clone(), insured_place, clock }
    }

    /// The envelope of one transaction.
    pub fn envelope(&self, infno: &str, input: Value) -> Value {
        let now = self.clock.now().to_string();
        let stamp: String = now.chars().filter(char::is_ascii_digit).collect();
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed) % 10_000;
        json!({
            "infno": infno,
            "msgid": format!("{}{stamp}{serial:04}", self.institution.code),
            "mdtrtarea_admvs": self.institution.region,
            "insuplc_admdvs": self.insured_place,
            "recer_sys_code": "YBXT",
            "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "",
            "infver": "V1.0",
            "opter_type": "1", "opter": "demo", "opter_name": "演示",
            "inf_time": now,
            "fixmedins_code": self.institution.code,
            "fixmedins_name": self.institution.name,
            "sign_no": "",
            "input": input,
        })
    }

    /// Sends one transaction; a refusal is an error with its words.
    pub async fn call(&self, infno: &str, input: Value) -> anyhow::Result<Said> {
        self.call_with(infno, self.envelope(infno, input)).await
    }

    /// The same under a number of its own: sent again, it is the same transaction and gets the same answer.
    pub async fn call_as(&self, msgid: &str, infno: &str, input: Value) -> anyhow::Result<Said> {
        let mut envelope = self.envelope(infno, input);
        envelope["msgid"] = Value::from(msgid);
        self.call_with(infno, envelope).await
    }

    async fn call_with(&self, infno: &str, envelope: Value) -> anyhow::Result<Said> {
        let begun = self.clock.now();
        let answer = self.post(SERVICE_PATH, &envelope).await?;
        if answer["infcode"] != json!(0) {
            bail!("{infno} was refused: {}", answer["err_msg"]);
        }
        Ok(Said {
            output: answer["output"].clone(),
            warning: answer["warn_msg"].as_str().filter(|text| !text.is_empty()).map(str::to_owned),
            took_ms: self.clock.now().0 - begun.0,
        })
    }

    /// Sends one transaction and gives the whole answer, whatever it says.
    pub async fn ask(&self, infno: &str, input: Value) -> anyhow::Result<Value> {
        self.post(SERVICE_PATH, &self.envelope(infno, input)).await
    }

    /// Posts a JSON body to a path.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = hyper::Request::post(format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        self.send(request).await.with_context(|| format!("failed to post to {path}"))
    }

    /// Reads a page of the platform.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request =
            hyper::Request::get(format!("http://{}{path}", self.address)).body(Full::new(Bytes::new()))?;
        self.send(request).await.with_context(|| format!("failed to read {path}"))
    }

    async fn send(&self, request: hyper::Request<Full<Bytes>>) -> anyhow::Result<Value> {
        let answer = self.client.request(request).await?;
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok(serde_json::from_slice(&bytes)?)
    }
}
