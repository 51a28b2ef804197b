//! Bytes on a socket, for what no well-behaved client would send.

use super::network::{Desk, Network};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| {
            panic!("{} {:?} is no JSON", self.status, String::from_utf8_lossy(&self.body))
        })
    }
}

/// An open connection.
pub struct Wire {
    stream: BufReader<TcpStream>,
}

impl Wire {
    /// Connects to the front door.
    pub fn open(network: &Network) -> Wire {
        let stream = TcpStream::connect(network.address()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
        Wire { stream: BufReader::new(stream) }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("sent");
    }

    /// Posts a body with its length, and these further header lines (each with its line end).
    pub fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> Reply {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n{headers}\r\n");
        self.send(head.as_bytes());
        self.send(body);
        self.reply()
    }

    /// Reads one answer: a status line, headers, and a body of the length that they tell.
    pub fn reply(&mut self) -> Reply {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a status line");
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {line:?}"));
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a header");
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().expect("a length"));
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a body");
        Reply { status, headers, body }
    }
}

/// Posts one body on a connection of its own.
pub fn post(network: &Network, path: &str, content_type: &str, body: &[u8]) -> Reply {
    let headers = format!("Content-Type: {content_type}\r\nConnection: close\r\n");
    Wire::open(network).post(path, &headers, body)
}

/// Posts one body to the address that takes everything.
pub fn call(network: &Network, body: &[u8]) -> Reply {
    post(network, yidi::counter::SERVICE_PATH, "application/json", body)
}

/// An envelope as text, with one piece of it replaced by another spelling.
#[track_caller]
pub fn respelled(desk: &Desk<'_>, infno: &str, input: Value, from: &str, to: &str) -> String {
    let text = desk.envelope(infno, input).to_string();
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1)
}
