//! Commands to a member and to a proxy before it.
//!
//! ```text
//! proxy [namespace=PREFIX] [defect=NAME]    start over: member 1, and a proxy before it
//! at REQUEST                                a call to the member itself; its answer
//! client N REQUEST                          a call of a client of the proxy; its answer
//! client N watch STREAM KEY ...             creates a watch, as `watch` of `script.rs` does
//! client N cancel STREAM ID | client N progress STREAM | client N close STREAM
//! client N stall STREAM | client N flow STREAM      it takes nothing of a stream; it does again
//! client N leave                            its connection is gone
//! break                                     the connection to the member breaks
//! pass MS                                   time passes
//! counts                                    watches of clients, and upstream watches that serve them
//! ```
//! Requests are those of `cluster_script.rs`.

use revline_store::api::{ResponseHeader, WatchCancelRequest, WatchRequest};
use revline_store::defect::Defect;
use revline_store::frame::{ClientFrame, ServerFrame};
use revline_store::proxy::ProxyInput;
use revline_store::watch::StreamId;

use crate::behind::Behind;
use crate::cluster_script::{ErrorCode, call, show_reply};
use crate::harness::cluster::Cluster;
use crate::parse::{self, Result, Words};
use crate::show;

pub struct ProxyScript {
    behind: Behind,
    /// For each call of a client, from 1 on, the codes of its errors.
    error_codes: Vec<ErrorCode>,
}

impl ProxyScript {
    pub fn start(mut words: Words<'_>) -> Result<Self> {
        let namespace = words.named("namespace").map(parse::bytes).transpose()?;
        let defect = words.named("defect").map(str::parse::<Defect>).transpose();
        let defect = defect.map_err(|error| error.to_string())?;
        words.end(1)?;
        let mut cluster = Cluster::new(1, |_| {});
        cluster.elect(1);
        let behind = Behind::new(cluster, |config| {
            config.namespace = namespace.clone();
            config.defects = defect.into_iter().collect();
        });
        Ok(ProxyScript { behind, error_codes: Vec::new() })
    }

    pub fn run(&mut self, lines: &[&str]) -> Result<Vec<String>> {
        let words = Words::of(lines[0]);
        let mut answer = Vec::new();
        match words.place(0)? {
            "at" => {
                let call = call(&after(lines, 1))?;
                let error_code = call.error_code();
                answer = show_reply(self.behind.cluster.ask(1, call), error_code);
            }
            "client" => {
                let client = parse::number(words.place(1)?)?;
                self.client(client, &after(lines, 2))?;
            }
            "break" => self.behind.break_connection(),
            "pass" => {
                let ms: u64 = parse::number(words.place(1)?)?;
                assert_eq!(ms % 100, 0, "a tick is 100 ms long");
                for _ in 0..ms / 100 {
                    self.behind.tick();
                    self.behind.run();
                }
            }
            "counts" => {
                let (watchers, upstream) = self.behind.proxy.watch_counts();
                answer.push(format!("{watchers} watches, {upstream} upstream"));
            }
            other => return Err(format!("unknown command `{other}`")),
        }
        self.behind.run();
        answer.extend(self.received());
        Ok(answer)
    }

    fn client(&mut self, session: u64, lines: &[&str]) -> Result<()> {
        let words = Words::of(lines[0]);
        let stream = || words.place(1).and_then(parse::number::<u64>);
        let watch = |stream, request| ClientFrame::Watch { stream, request, token: None };
        let input = match words.place(0)? {
            "leave" => ProxyInput::SessionClosed { session },
            "stall" => ProxyInput::Stalled { session, stream: stream()? },
            "flow" => ProxyInput::Flowing { session, stream: stream()? },
            "close" => ProxyInput::Client { session, frame: ClientFrame::CloseStream { stream: stream()? } },
            "watch" => {
                let stream = stream()?;
                let request = WatchRequest::Create(parse::watch(words)?);
                ProxyInput::Client { session, frame: watch(stream, request) }
            }
            "cancel" => {
                let request = WatchRequest::Cancel(WatchCancelRequest { watch_id: words.number(2)? });
                ProxyInput::Client { session, frame: watch(stream()?, request) }
            }
            "progress" => ProxyInput::Client { session, frame: watch(stream()?, WatchRequest::Progress) },
            _ => {
                let request = call(lines)?;
                self.error_codes.push(request.error_code());
                let frame = ClientFrame::Call {
                    call: self.error_codes.len() as u64,
                    request,
                    token: None,
                    requires_leader: false,
                };
                ProxyInput::Client { session, frame }
            }
        };
        self.behind.step(input);
        Ok(())
    }

    /// The frames sent to clients since.
    fn received(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (session, frame) in self.behind.received.drain(..) {
            match frame {
                ServerFrame::Reply { call, result } => {
                    lines.extend(show_reply(result, self.error_codes[call as usize - 1]));
                }
                ServerFrame::Watch { stream, mut response } => {
                    response.header = ResponseHeader::at(response.header.revision);
                    let shown = show::watch_responses(&[(StreamId(stream), response)]);
                    let named =
                        |line: String| line.replacen("stream", &format!("client {session}, stream"), 1);
                    lines.extend(shown.into_iter().map(named));
                }
                ServerFrame::Observe { .. } => lines.push(format!("client {session} observes")),
            }
        }
        lines.extend(self.behind.closed.drain(..).map(|session| format!("client {session} is cut off")));
        lines
    }
}

/// A command without its first words.
fn after<'a>(lines: &[&'a str], words: usize) -> Vec<&'a str> {
    let mut lines = lines.to_vec();
    for _ in 0..words {
        lines[0] = lines[0].split_once(' ').map_or("", |(_, rest)| rest);
    }
    lines
}
