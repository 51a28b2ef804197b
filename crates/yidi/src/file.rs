//! `yidi file`: a filing by an agency's clerk, sent to a running sandbox.

use anyhow::Context;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::process::ExitCode;

/// Files a person for care in another province.
#[derive(clap::Args)]
pub struct Args {
    /// 人员编号
    #[arg(long)]
    person: String,
    /// 参保地医保区划, as 220100
    #[arg(long)]
    insured: String,
    /// 就医地: the prefecture, or the province where it is one pool
    #[arg(long)]
    place: String,
    /// 备案类别: 11 resettled, 12 long-term resident, 13 permanent worker, 21 referral, 22 emergency, 23 other
    #[arg(long)]
    category: String,
    /// 开始日期, yyyy-MM-dd
    #[arg(long)]
    from: String,
    /// 结束日期; temporary filings without one last six months
    #[arg(long)]
    until: Option<String>,
    /// 沙箱地址
    #[arg(long, default_value = "http://127.0.0.1:7800")]
    at: String,
}

/// Sends the filing and prints its number; exit code 1 where it is refused.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let form = json!({
        "psn_no": args.person,
        "insuplc_admdvs": args.insured,
        "category": args.category,
        "mdtrtarea_admdvs": args.place,
        "begndate": args.from,
        "enddate": args.until,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let request = hyper::Request::post(format!("{}/sandbox/filings", args.at))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(form.to_string())))?;
        let answer = client
            .request(request)
            .await
            .with_context(|| format!("failed to reach {}: does `yidi demo` run there?", args.at))?;
        let filed = answer.status().is_success();
        let text = answer.into_body().collect().await?.to_bytes();
        println!("{}", String::from_utf8_lossy(&text));
        Ok(if filed { ExitCode::SUCCESS } else { ExitCode::from(1) })
    })
}
